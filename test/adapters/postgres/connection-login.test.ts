/** Every way of logging in, against a real server that asks for it; and that server stopped and started again. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmbeddedPostgres } from "../../../src/adapters/embedded-postgres/start.ts";
import { openDatabase } from "../../../src/adapters/postgres/database.ts";
import { openWorkerSql } from "../../../src/adapters/postgres/worker/worker-sql.ts";
import type { FraiseqlError } from "../../../src/core/errors.ts";
import { runSql } from "../../support/postgres.ts";

const HBA = `
host all in_clear all password
host all in_md5   all md5
host all all      all scram-sha-256
`;
const ROLES = `
  SET password_encryption = 'md5'; CREATE ROLE in_md5 LOGIN PASSWORD 'pässword';
  SET password_encryption = 'scram-sha-256';
  CREATE ROLE in_clear LOGIN PASSWORD 'pässword'; CREATE ROLE in_scram LOGIN PASSWORD 'pässword';
`;

let directory: string;
let server: Awaited<ReturnType<typeof startEmbeddedPostgres>>;
const start = (port?: number) =>
  startEmbeddedPostgres({
    directory: join(directory, "postgres"),
    settings: { hba_file: join(directory, "hba"), fsync: "off" },
    ...(port === undefined ? {} : { port }),
  });

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "fraiseql-login-"));
  await chmod(directory, 0o755);
  await writeFile(join(directory, "hba"), HBA, { mode: 0o644 });
  server = await start();
  await runSql(server.url, ROLES);
});
afterAll(async () => {
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});

async function logIn(user: string, password: string): Promise<unknown> {
  const url = new URL(server.url);
  url.username = user;
  url.password = encodeURIComponent(password);
  const database = openDatabase({ url: url.href });
  try {
    return await database.rows({ text: "select current_user::text", values: [] });
  } finally {
    await database.close();
  }
}

test.each(["in_clear", "in_md5", "in_scram"])("%s logs in with its password and with no other", async (role) => {
  expect(await logIn(role, "pässword")).toEqual([[role]]);
  const refused = (await logIn(role, "password").catch((error) => error)) as FraiseqlError;
  expect([refused.code, refused.details]).toEqual(["DATABASE_UNAVAILABLE", { sqlstate: "28P01" }]);
  expect(refused.message).not.toContain(role);
});

test.each(["in_clear", "in_md5", "in_scram"])(
  "%s logs in as a worker with its password and with no other",
  async (role) => {
    const logInAs = async (password: string) => {
      const url = new URL(server.url);
      url.username = role;
      url.password = encodeURIComponent(password);
      const sql = openWorkerSql({ url: url.href, connectionsMax: 1, connectTimeoutMs: 5_000, name: "test" });
      try {
        return await sql`select current_user::text as name`;
      } finally {
        await sql.end();
      }
    };
    expect([...(await logInAs("pässword"))]).toEqual([{ name: role }]);
    expect(await logInAs("password").catch((error) => error.code)).toBe("28P01");
  },
);

test("a server that is stopped and started again is answered from without a restart of ours", async () => {
  const database = openDatabase({ url: server.url, connectionsMax: 3 });
  const ask = () => database.rows({ text: "select 'here'", values: [] }).catch((error: FraiseqlError) => error.code);
  const burst = () => Promise.all(Array.from({ length: 10 }, ask));
  expect(await burst()).toEqual(Array(10).fill([["here"]]));
  await server.stop();
  expect(await burst()).toEqual(Array(10).fill("DATABASE_UNAVAILABLE"));
  server = await start(Number(new URL(server.url).port));
  expect(await burst()).toEqual(Array(10).fill([["here"]]));
  await database.close();
});
