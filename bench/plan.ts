/**
 * `bun run bench:plan [--quick]`: what a document costs before PostgreSQL hears of it: new ones (parsed, validated,
 * planned, written as SQL) and known ones. No database takes part in the timing.
 */
import { parseArgs } from "node:util";
import { createOperations, type Operations } from "../src/core/operations.ts";
import { dataSet } from "./data/data-sets.ts";
import { barLine, short } from "./support/bars.ts";
import { startDatabase } from "./support/database.ts";
import { compiledModel } from "./support/fraiseql.ts";
import { machineLine } from "./support/machine.ts";
import { median, percentile } from "./support/statistics.ts";

const { values: flags } = parseArgs({ options: { quick: { type: "boolean" } } });
const [warmUp, counted] = flags.quick ? [500, 500] : [2_000, 5_000];
const nested = dataSet("world").operations.find(({ name }) => name === "nested")?.documents.fraiseql ?? "";

/** The same shape under other response names: a text the cache cannot know. */
function newDocument(turn: number): string {
  return nested.replaceAll(/\b(name)\b/g, `n${turn}: $1`);
}

type Cost = {
  /** CPU of the process for one document, microseconds, with the collector's share. */
  readonly cpu: number;
  readonly p50: number;
  readonly p99: number;
};

function cost(operations: Operations, turns: number, document: (turn: number) => string): Cost {
  const times: number[] = [];
  const before = process.cpuUsage();
  for (let turn = 0; turn < turns; turn++) {
    const request = { query: document(turn) };
    const start = performance.now();
    operations.prepare(request);
    times.push((performance.now() - start) * 1000);
  }
  const { user, system } = process.cpuUsage(before);
  return { cpu: (user + system) / turns, p50: median(times), p99: percentile(times, 0.99) };
}

const database = await startDatabase("world");
try {
  const operations = createOperations(await compiledModel(database.url));
  cost(operations, warmUp, newDocument);
  const fresh = cost(operations, counted, (turn) => newDocument(warmUp + turn));
  cost(operations, warmUp, () => nested);
  const known = cost(operations, counted * 20, () => nested);
  process.stdout.write(`${machineLine()}\nversions bun ${Bun.version}\n`);
  process.stdout.write(`set-up   the nested document, ${counted} times after ${warmUp} to warm up\n\n`);
  for (const [name, { cpu, p50, p99 }] of Object.entries({ new: fresh, known })) {
    process.stdout.write(`${name.padEnd(6)} CPU ${short(cpu)} us, p50 ${short(p50)} us, p99 ${short(p99)} us\n`);
  }
  process.stdout.write("\n");
  for (const bar of [
    { name: "new-document-ms", value: fresh.cpu / 1000, target: { atMost: 1 } },
    // Finding the plan and binding its values; planning again would bring this near 1.
    { name: "known-to-new-document", value: known.cpu / fresh.cpu, target: { atMost: 0.05 } },
  ]) {
    process.stdout.write(`${barLine(bar)}\n`);
  }
} finally {
  await database.stop();
}
