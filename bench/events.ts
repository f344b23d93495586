/**
 * `bun run bench:events [--quick] [--bus postgres|nats]`: what capture costs who writes, and how soon and how many changes are
 * decided by the workers as they are composed. A PostgreSQL of its own with fsync on; writers in a process of their own.
 */
import { parseArgs } from "node:util";
import { NATS_MISSING, startNats } from "../test/support/nats-server.ts";
import { startDurableDatabase, TABLES } from "./events/durable-database.ts";
import { decided, write } from "./events/measure.ts";
import { type BenchWorkers, startWorkers } from "./events/workers.ts";
import { type Bar, barLine, short } from "./support/bars.ts";
import { machineLine } from "./support/machine.ts";
import { median, percentile } from "./support/statistics.ts";

const { values: flags } = parseArgs({
  options: { quick: { type: "boolean" }, bus: { type: "string", default: "postgres" } },
});
if (flags.bus !== "postgres" && flags.bus !== "nats") throw new Error("--bus is postgres or nats");
if (flags.bus === "nats" && NATS_MISSING !== undefined) throw new Error(`--bus nats: ${NATS_MISSING}`);
const nats = flags.bus === "nats" ? await startNats() : undefined;
const database = await startDurableDatabase();
const bars: Bar[] = [];
/** So long the workers are loaded before it is measured how soon they decide. */
const WARM_MS = 2_000;
const print = (line: string) => void process.stdout.write(`${line}\n`);

try {
  print(`${machineLine()}, bus ${flags.bus}`);
  await costOfCapture();
  const workers = await startWorkers(database, nats?.url);
  await paced(workers);
  await bulk(workers);
  await workers.stop();
  print("");
  for (const bar of bars) print(barLine(bar));
} finally {
  await database.stop();
  await nats?.stop();
}
process.exit(0);

/** Commits in a second of single rows, by 16 clients; in turns, so that what slows the machine slows all. */
async function costOfCapture(): Promise<void> {
  const rounds = flags.quick ? 3 : 5;
  const rates = new Map<string, number[]>(TABLES.map((table) => [table, []]));
  for (let round = 0; round <= rounds; round += 1) {
    for (const table of TABLES) {
      const load = { table, clients: 16, rows: 1, rate: 0, milliseconds: flags.quick ? 1_000 : 2_000 };
      const { commits, milliseconds } = await write(database, load);
      // The first round warms.
      if (round > 0) rates.get(table)?.push((commits / milliseconds) * 1_000);
    }
  }
  const of = (table: string) => median(rates.get(table) ?? []);
  const [plain, captured, notified] = TABLES.map(of) as [number, number, number];
  print(
    `writers    commits of one row in a second, 16 clients: plain ${short(plain)}, captured ${short(captured)}, pg_notify per row ${short(notified)}`,
  );
  bars.push({ name: "events-captured-of-plain", value: captured / plain, target: { atLeast: 0.5 } });
  bars.push({ name: "events-captured-times-pg-notify", value: captured / notified, target: { atLeast: 1.5 } });
}

async function paced(workers: BenchWorkers): Promise<void> {
  const load = { table: "captured", clients: 16, rows: 1, rate: 2_000, milliseconds: flags.quick ? 6_000 : 60_000 };
  await decided(database, workers, { ...load, milliseconds: WARM_MS });
  const { written, latencies, lost, disordered } = await decided(database, workers, load);
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => percentile(latencies, share)) as [number, number, number];
  const rate = (written.commits / written.milliseconds) * 1_000;
  print(
    `single     ${short(rate)} commits/s of one row; written → decided p50 ${short(p50)} ms, p95 ${short(p95)} ms, p99 ${short(p99)} ms; lost ${lost}, again or late ${disordered}`,
  );
  bars.push({ name: "events-single-commits-per-second", value: rate, target: { atLeast: 1_950 } });
  bars.push({ name: "events-single-p95-ms", value: p95, target: { atMost: 100 } });
  bars.push({ name: "events-single-lost", value: lost, target: { atMost: 0 } });
}

async function bulk(workers: BenchWorkers): Promise<void> {
  const load = { table: "captured", clients: 4, rows: 500, rate: 20, milliseconds: flags.quick ? 10_000 : 300_000 };
  const { perSecond, latencies, lost, disordered, memory } = await decided(database, workers, load);
  print(
    `bulk       ${short(perSecond)} events/s from commits of 500 rows; p95 ${short(percentile(latencies, 0.95))} ms; lost ${lost}, again or late ${disordered}`,
  );
  const spread = fifths(memory);
  const shown = spread.map((part) => [Math.min(...part), median(part), Math.max(...part)].map((mib) => mib.toFixed(0)));
  print(
    `memory     least, median, most MiB in each fifth of the time: ${shown.map((part) => part.join(", ")).join("; ")}`,
  );
  bars.push({ name: "events-bulk-per-second", value: perSecond, target: { atLeast: 9_900 } });
  bars.push({ name: "events-bulk-lost", value: lost, target: { atMost: 0 } });
  if (!flags.quick) {
    const [early = [], late = []] = [spread[0], spread.at(-1)];
    bars.push({ name: "events-bulk-memory-growth", value: median(late) / median(early), target: { atMost: 1.1 } });
  }
  // What is written in a second takes several to decide.
  const flood = await decided(database, workers, { ...load, rate: 0, milliseconds: flags.quick ? 2_000 : 5_000 });
  print(
    `flood      ${short(flood.perSecond)} events/s when four writers write all they can (${short((flood.written.commits * 500 * 1_000) / flood.written.milliseconds)} rows/s); lost ${flood.lost}`,
  );
  bars.push({ name: "events-flood-lost", value: flood.lost, target: { atMost: 0 } });
}

/** Between two collections memory goes up and down: single readings do not tell whether it grows, halfway ones of many do. */
function fifths(readings: readonly number[]): readonly (readonly number[])[] {
  return [0, 1, 2, 3, 4].map((fifth) =>
    readings.slice((readings.length * fifth) / 5, (readings.length * (fifth + 1)) / 5),
  );
}
