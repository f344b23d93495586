import type { DurableDatabase } from "./durable-database.ts";
import type { BenchWorkers } from "./workers.ts";

export type Load = {
  readonly table: string;
  readonly clients: number;
  readonly rows: number;
  /** Commits in a second; 0: as many as go. */
  readonly rate: number;
  readonly milliseconds: number;
};

export type Written = { readonly commits: number; readonly milliseconds: number };

/** Writes from a process of its own. */
export async function write(
  database: DurableDatabase,
  { table, clients, rows, rate, milliseconds }: Load,
): Promise<Written> {
  const program = new URL("writer.ts", import.meta.url).pathname;
  const numbers = [clients, rows, rate, milliseconds].map(String);
  const child = Bun.spawn([process.execPath, program, database.url, table, ...numbers], {
    stdout: "pipe",
    stderr: "inherit",
  });
  return JSON.parse(await new Response(child.stdout).text());
}

export type Decided = {
  readonly written: Written;
  /** Events that were decided in a second, from the first to the last one. */
  readonly perSecond: number;
  /** From the trigger of each row until its decision was stored: the commit included. Milliseconds. */
  readonly latencies: readonly number[];
  /** Rows of the outbox without a decision. */
  readonly lost: number;
  /** Events that were decided again, or after a later one. */
  readonly disordered: number;
  /** Resident memory of this process in MiB, 250 times in the time of the load and on until all is decided. */
  readonly memory: readonly number[];
};

/** What came too late for this is lost. */
const SETTLE_MS = 120_000;

/** What is decided while the load is written, and after. */
export async function decided(database: DurableDatabase, workers: BenchWorkers, load: Load): Promise<Decided> {
  const { sql } = database;
  const newest = async () => {
    const [row] = await sql<{ position: string }[]>`select coalesce(max(position), 0) as position from fraiseql.outbox`;
    return Number(row?.position);
  };
  const from = await newest();
  const watch = workers.watch(from);
  const memory: number[] = [];
  const meter = setInterval(() => memory.push(process.memoryUsage.rss() / 2 ** 20), load.milliseconds / 250);
  const written = await write(database, load);
  const to = await newest();
  const end = performance.now();
  while (watch.last < to && performance.now() - end < SETTLE_MS) await Bun.sleep(1);
  clearInterval(meter);
  // Nobody's events but the load's are written meanwhile, and the epoch is one.
  const [missing] = await sql<{ count: string }[]>`
    select count(*) as count from fraiseql.outbox o
    where position > ${from} and not exists (
      select from fraiseql.decided_events d
      where d.event_id = (select epoch from fraiseql.epochs order by first_position desc limit 1) || ':' || o.position)`;
  if (watch.failures.length > 0) process.stderr.write(`${watch.failures.join("\n")}\n`);
  return {
    written,
    perSecond: (watch.count * 1_000) / (watch.lastAt - watch.firstAt),
    latencies: watch.latencies,
    lost: Number(missing?.count),
    disordered: watch.disordered,
    memory,
  };
}
