/** What is said of a commit during which the server is told to end the session: it may be through before that is heeded. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmbeddedPostgres } from "../../../src/adapters/embedded-postgres/start.ts";
import { openDatabaseWriter } from "../../../src/adapters/postgres/database-writer.ts";
import type { DatabaseWriter } from "../../../src/ports/database-writer.ts";
import { refusal, seen, select } from "../../contract/contract.ts";

let directory: string;
let server: Awaited<ReturnType<typeof startEmbeddedPostgres>>;
let writer: DatabaseWriter;
let watcher: DatabaseWriter;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "fraiseql-commit-"));
  await chmod(directory, 0o711);
  // Each commit takes a tenth of a second, in which PostgreSQL puts off the end of the session.
  const settings = { fsync: "on", synchronous_commit: "on", commit_delay: "100000", commit_siblings: "0" };
  server = await startEmbeddedPostgres({ directory: join(directory, "postgres"), settings });
  writer = openDatabaseWriter({ url: server.url, connectionsMax: 1 });
  watcher = openDatabaseWriter({ url: server.url, connectionsMax: 1 });
}, 30_000);
afterAll(async () => {
  await writer.close();
  await watcher.close();
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});

test("a transaction whose session the server ends while it commits is not said to have changed nothing", async () => {
  await watcher.write(select("create table written (word text)"), {});
  const answer = refusal(
    writer.transaction({}, async (step) => {
      await step(select("insert into written values ('a')"));
      return { commit: true, value: "" };
    }),
  );
  const end = select(
    "select count(pg_terminate_backend(pid))::text from pg_stat_activity where state = 'active' and query = 'commit'",
  );
  const ended = async () => new TextDecoder().decode((await watcher.write(end, {})) as Uint8Array) !== "0";
  await seen("a session was ended while it committed", ended);
  expect((await answer).code).toBe("OUTCOME_UNKNOWN");
});
