/** A database of a test's own with the schema `fraiseql` in it, and a worker's connections to it. */
import type { Sql } from "postgres";
import { migrate } from "../../../../src/adapters/postgres/migrations/migrate.ts";
import { readMigrations } from "../../../../src/adapters/postgres/migrations/read-migrations.ts";
import { captureTables, type ObservedTable } from "../../../../src/adapters/postgres/outbox/captured-tables.ts";
import { openWorkerSql } from "../../../../src/adapters/postgres/worker/worker-sql.ts";
import { realWait } from "../../../../src/adapters/timers/wait.ts";
import { testDatabase } from "../../../support/postgres.ts";

export type ObservedDatabase = {
  readonly url: string;
  readonly sql: Sql;
  /** One more pool, as another program has it. */
  connect(connectionsMax?: number): Sql;
  /** Ends all pools: the database can be copied. */
  disconnect(): Promise<void>;
  close(): Promise<void>;
};

export async function observedDatabase(
  name: string,
  setupSql: string,
  tables: readonly ObservedTable[],
): Promise<ObservedDatabase> {
  const { url, drop } = await testDatabase(name, setupSql);
  const pools: Sql[] = [];
  const connect = (connectionsMax = 1) => {
    const pool = openWorkerSql({ url, connectionsMax, connectTimeoutMs: 5_000, name: `test ${name}` });
    pools.push(pool);
    return pool;
  };
  const sql = connect(4);
  await migrate(sql, await readMigrations());
  await captureTables(sql, realWait, tables);
  const disconnect = async () => {
    await Promise.all(pools.map((pool) => pool.end({ timeout: 1 })));
  };
  return {
    url,
    sql,
    connect,
    disconnect,
    close: async () => {
      await disconnect();
      await drop();
    },
  };
}
