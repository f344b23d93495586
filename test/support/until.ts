import type { Database } from "../../src/ports/database.ts";

/**
 * Looks again and again; the test's own timeout is the limit. Between two looks the processor is free for what is looked for,
 * which may be another process.
 */
export async function until(look: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await look())) await new Promise((resolve) => setTimeout(resolve, 1));
}

/**
 * Waits until so many other sessions of the database meet a condition; each look is a round trip, so nothing spins.
 *
 * @param condition on the columns of `pg_stat_activity`
 */
export async function untilSessions(watcher: Database, count: number, condition: string): Promise<void> {
  const text = `select count(*) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and (${condition})`;
  while (Number((await watcher.rows({ text, values: [] }))[0]?.[0]) !== count);
}
