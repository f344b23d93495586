/** What is left of a worker's connections when they are ended. */
import { expect, test } from "bun:test";
import postgres from "postgres";
import { openWorkerSql } from "../../../../src/adapters/postgres/worker/worker-sql.ts";
import { testServer } from "../../../support/postgres.ts";
import { until } from "../../../support/until.ts";

test.each(["first", "lost"])(
  "a connection that is being made for the %s time as they end does not stay open: it would keep the process",
  async (which) => {
    const url = await testServer();
    const name = `ended ${which}`;
    const watcher = postgres(url, { max: 1 });
    const sql = openWorkerSql({ url, connectionsMax: 1, connectTimeoutMs: 5_000, name });
    if (which === "lost") await sql`select pg_terminate_backend(pg_backend_pid())`.catch(() => {});
    const query = sql`select 1`.catch(({ code }: { code: string }) => code);
    await sql.end({ timeout: 0 });
    expect(await query).toBe("CONNECTION_DESTROYED");
    const open = () => watcher`select from pg_stat_activity where application_name = ${name}`;
    // One that is begun anew waits for as long as the driver says.
    const begun = performance.now();
    await until(async () => performance.now() - begun > 300 && (await open()).length === 0);
    await watcher.end();
  },
  20_000,
);
