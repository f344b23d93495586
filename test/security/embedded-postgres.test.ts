/** What other accounts of the machine can do to the embedded PostgreSQL. */
import { expect, test } from "bun:test";
import { chmod, lstat, mkdtemp, readFile, rm, symlink, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmbeddedPostgres } from "../../src/adapters/embedded-postgres/start.ts";
import { openDatabase } from "../../src/adapters/postgres/database.ts";

test("its files are closed to others, it listens on this machine only, and a planted link is not followed", async () => {
  const outside = await mkdtemp(join(tmpdir(), "fraiseql-planted-"));
  await chmod(outside, 0o711);
  const directory = join(outside, "postgres");
  const mode = async (name: string) => ((await lstat(join(directory, name))).mode & 0o777).toString(8);
  try {
    const server = await startEmbeddedPostgres({ directory });
    expect(await Promise.all([".", "data", "password", "postgres.log"].map(mode))).toEqual([
      "700",
      "700",
      "600",
      "600",
    ]);
    const database = openDatabase({ url: server.url });
    const settings = "select current_setting('listen_addresses'), current_setting('unix_socket_directories')";
    expect(await database.rows({ text: settings, values: [] })).toEqual([["127.0.0.1", ""]]);
    const rules = "select distinct auth_method from pg_hba_file_rules";
    expect(await database.rows({ text: rules, values: [] })).toEqual([["scram-sha-256"]]);
    await database.close();
    await server.stop();

    const victim = join(outside, "victim");
    await writeFile(victim, "untouched", { mode: 0o600 });
    const { uid } = await lstat(victim);
    await unlink(join(directory, "postgres.log"));
    await symlink(victim, join(directory, "postgres.log"));
    await expect(startEmbeddedPostgres({ directory })).rejects.toThrow("ELOOP");
    expect(await readFile(victim, "utf8")).toBe("untouched");
    expect((await lstat(victim)).uid).toBe(uid);
  } finally {
    await rm(outside, { recursive: true });
  }
}, 60_000);
