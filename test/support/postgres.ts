import { chmod, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { withDatabase } from "../../src/adapters/embedded-postgres/ensure-database.ts";
import { startTimeOf } from "../../src/adapters/embedded-postgres/process-identity.ts";
import { startEmbeddedPostgres } from "../../src/adapters/embedded-postgres/start.ts";

const PREFIX = "fraiseql-test-";

type TestServer = { readonly url: string; stop(): Promise<void> };

/** One server per test run, started by the first test that asks, stopped after the last (`test/support/preload.ts`). */
let server: Promise<TestServer> | undefined;

/**
 * Superuser URL of the server the tests run against: `FRAISEQL_TEST_DATABASE_URL`, or else an embedded PostgreSQL.
 *
 * @param settings - for the embedded one, where it has not started yet
 */
export async function testServer(settings: Readonly<Record<string, string>> = {}): Promise<string> {
  server ??= startServer(settings);
  return (await server).url;
}

/** Stops the embedded server, if a test has started it, and removes its data. */
export async function stopTestServer(): Promise<void> {
  await (await server)?.stop();
  server = undefined;
}

async function startServer(more: Readonly<Record<string, string>>): Promise<TestServer> {
  const given = process.env["FRAISEQL_TEST_DATABASE_URL"];
  if (given) return { url: given, stop: async () => {} };
  await removeLeftovers();
  const directory = await mkdtemp(join(tmpdir(), PREFIX));
  // As root, PostgreSQL runs under another account, which has to get to its folder.
  await chmod(directory, 0o711);
  // The data is thrown away: nothing in it has to survive a crash.
  const settings = {
    fsync: "off",
    synchronous_commit: "off",
    full_page_writes: "off",
    max_connections: "200",
    ...more,
  };
  const { url, stop } = await startEmbeddedPostgres({ directory: join(directory, "postgres"), settings });
  return { url, stop: () => stop().finally(() => rm(directory, { recursive: true, force: true })) };
}

/** A run that was killed could not remove its data: 50 MB each. Its server has ended with it. */
async function removeLeftovers(): Promise<void> {
  for (const name of (await readdir(tmpdir())).filter((entry) => entry.startsWith(PREFIX))) {
    const claim = await readFile(join(tmpdir(), name, "postgres", "claim"), "utf8").catch(() => undefined);
    const [pid, startTime] = claim?.trim().split(" ") ?? [];
    if (startTime === undefined || startTimeOf(Number(pid)) === startTime) continue;
    await rm(join(tmpdir(), name), { recursive: true, force: true });
  }
}

export type TestDatabase = { readonly url: string; drop(): Promise<void> };

/**
 * Makes a new, empty database and runs `setupSql` in it.
 *
 * @param name part of the database's name, to tell them apart in a log: letters, digits and `_`.
 * @param template a database to copy instead of starting empty.
 */
export async function testDatabase(name: string, setupSql = "", template?: string): Promise<TestDatabase> {
  const base = await testServer();
  const database = `test_${name}_${crypto.randomUUID().slice(0, 8)}`;
  await runSql(base, `CREATE DATABASE "${database}"${template ? ` TEMPLATE "${template}"` : ""}`);
  const url = withDatabase(base, database);
  if (setupSql !== "") await runSql(url, setupSql);
  return { url, drop: () => runSql(base, `DROP DATABASE IF EXISTS "${database}" WITH (FORCE)`) };
}

/** Runs a script of any number of statements. */
export async function runSql(url: string, sql: string): Promise<void> {
  const connection = postgres(url, { max: 1, onnotice: () => {}, fetch_types: false });
  try {
    await connection.unsafe(sql).simple();
  } finally {
    await connection.end();
  }
}
