import { openWorkerSql } from "../../src/adapters/postgres/worker/worker-sql.ts";
import type { Happenings } from "./happenings.ts";

export type WriterOptions = {
  readonly writers: number;
  /** Of a hundred transactions so many are rolled back, and so many stay open for a while after their write. */
  readonly rolledBack?: number;
  readonly long?: number;
};

export type Writers = {
  /** Ends the load; the number of row versions whose commit was confirmed. */
  stop(): Promise<number>;
};

const OPEN_MS = 300;

/** Each transaction makes the version of one row, or of a few, larger by one. */
export function startWriters(
  url: string,
  options: WriterOptions & Pick<Happenings, "happened"> & { readonly accounts: number; random(n: number): number },
): Writers {
  const { accounts, random, happened, rolledBack = 0, long = 0, writers } = options;
  const sql = openWorkerSql({ url, connectionsMax: writers, connectTimeoutMs: 2_000, name: "chaos writer" });
  let isOver = false;
  let acknowledged = 0;
  const rollback = new Error("rolled back");
  const transaction = () =>
    sql.begin(async (on) => {
      const first = 1 + random(accounts);
      const span = random(10) === 0 ? 5 : 0;
      const chance = random(100);
      const rows = await on`update accounts set version = version + 1 where id in (
        select id from accounts where id between ${first} and ${first + span} order by id for update) returning id`;
      if (chance < long) {
        await on`select pg_sleep(${(random(OPEN_MS) + 1) / 1_000})`;
        happened("kept open");
      }
      if (chance >= 100 - rolledBack) throw rollback;
      return rows.length;
    });
  const load = async () => {
    while (!isOver) {
      await transaction().then(
        (rows) => {
          acknowledged += rows;
        },
        (error: unknown) => (error === rollback ? happened("rolled back") : Bun.sleep(20)),
      );
      await Bun.sleep(2);
    }
  };
  const loads = Promise.all(Array.from({ length: writers }, load));
  return {
    stop: async () => {
      isOver = true;
      await loads;
      await sql.end({ timeout: 1 });
      return acknowledged;
    },
  };
}
