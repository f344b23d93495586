/** A PostgreSQL of the benchmark's own that keeps what it commits: fsync is on. */
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Sql } from "postgres";
import { startEmbeddedPostgres } from "../../src/adapters/embedded-postgres/start.ts";
import { migrate } from "../../src/adapters/postgres/migrations/migrate.ts";
import { readMigrations } from "../../src/adapters/postgres/migrations/read-migrations.ts";
import { captureTables } from "../../src/adapters/postgres/outbox/captured-tables.ts";
import { openWorkerSql } from "../../src/adapters/postgres/worker/worker-sql.ts";
import { realWait } from "../../src/adapters/timers/wait.ts";

/** The same row for everybody: nine columns, some 150 bytes of JSON. */
const ROW = `(id bigint generated always as identity primary key, customer int not null, status text not null, total numeric(10,2) not null,
  note text, street text, city text, created timestamptz not null default now(), updated timestamptz not null default now())`;
/** Plain; captured by us; and by a trigger of the kind that is often seen, one outbox row and one notification per row. */
export const TABLES = ["plain", "captured", "notified"] as const;
const SETUP = `
  ${TABLES.map((name) => `create table ${name} ${ROW};`).join("\n")}
  create table notified_outbox (id bigint generated always as identity primary key, payload json not null);
  create function notify_row() returns trigger language plpgsql as $$
    begin
      insert into notified_outbox (payload) values (row_to_json(new));
      perform pg_notify('rows', new.id::text);
      return null;
    end $$;
  create trigger notify_row after insert or update on notified for each row execute function notify_row();`;

export type DurableDatabase = { readonly url: string; readonly sql: Sql; stop(): Promise<void> };

export async function startDurableDatabase(): Promise<DurableDatabase> {
  const directory = await mkdtemp(join(tmpdir(), "fraiseql-bench-"));
  await chmod(directory, 0o711);
  const server = await startEmbeddedPostgres({ directory, settings: { max_connections: "200", max_wal_size: "4GB" } });
  const sql = openWorkerSql({ url: server.url, connectionsMax: 6, connectTimeoutMs: 5_000, name: "bench" });
  await sql.unsafe(SETUP).simple();
  await migrate(sql, await readMigrations());
  await captureTables(sql, realWait, [{ schema: "public", name: "captured" }]);
  return {
    url: server.url,
    sql,
    stop: async () => {
      await sql.end({ timeout: 1 });
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
