import postgres from "postgres";
import { stopTestServer } from "../../test/support/postgres.ts";
import { sampleAvailable, sampleDatabase } from "../../test/support/samples.ts";
import type { DataSet } from "../data/data-set.ts";
import { parentOf } from "./cpu.ts";

export type BenchDatabase = {
  readonly url: string;
  /** Process id of PostgreSQL's first process, whose children do the work. */
  readonly postmaster: number;
  readonly version: string;
  stop(): Promise<void>;
};

/** The same for everyone: no compiling of expressions, no second core for one statement. */
const SETTINGS = ["jit = off", "max_parallel_workers_per_gather = 0"];

/** What the dump of Sakila lacks, as its users add it: indexes on foreign keys, and no empty partitions. */
const AMENDMENTS: Readonly<Record<DataSet["name"], readonly string[]>> = {
  world: [],
  sakila: [
    ...[1, 2, 3, 4, 5, 6].map((month) => `drop table payment_p2007_0${month}`),
    "create index on inventory (film_id)",
    "create index on rental (inventory_id)",
    "create index on rental (customer_id)",
    "create index on payment (rental_id)",
    "create index on payment (payment_date)",
  ],
};

/**
 * A new embedded PostgreSQL with the data in it, gone after `stop`.
 *
 * @throws Error when the dump of the data set is not beside the checkout.
 */
export async function startDatabase(name: DataSet["name"]): Promise<BenchDatabase> {
  if (!sampleAvailable(name))
    throw new Error(`The data of ${name} is not there: FRAISEQL_SAMPLES names the folder it is in.`);
  const { url } = await sampleDatabase(name);
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    const database = new URL(url).pathname.slice(1);
    for (const setting of SETTINGS) await sql.unsafe(`alter database "${database}" set ${setting}`);
    for (const amendment of AMENDMENTS[name]) await sql.unsafe(amendment);
    await sql.unsafe("vacuum analyze");
    const [row] = await sql<{ backend: number; version: string }[]>`
      select pg_backend_pid() as backend, current_setting('server_version') as version`;
    return { url, postmaster: parentOf(row?.backend ?? 0), version: row?.version ?? "?", stop: stopTestServer };
  } finally {
    await sql.end();
  }
}
