/**
 * `bun run bench:plan [--quick]`: what a document costs before PostgreSQL hears of it: new ones (parsed, validated,
 * planned, written as SQL) and known ones. No database takes part in the timing.
 */
import { parseArgs } from "node:util";
import { createOperations } from "../src/core/operations.ts";
import { dataSet } from "./data/data-sets.ts";
import { barLine, short } from "./support/bars.ts";
import { startDatabase } from "./support/database.ts";
import { compiledModel } from "./support/fraiseql.ts";
import { machineLine } from "./support/machine.ts";
import { mean, median, percentile } from "./support/statistics.ts";

const { values: flags } = parseArgs({ options: { quick: { type: "boolean" } } });
const [warmUp, counted] = flags.quick ? [500, 500] : [2_000, 5_000];
const nested = dataSet("world").operations.find(({ name }) => name === "nested")?.documents.fraiseql ?? "";

/** The same shape under other response names: a text the cache cannot know. */
function newDocument(turn: number): string {
  return nested.replaceAll(/\b(name)\b/g, `n${turn}: $1`);
}

function microsecondsOf(work: () => unknown): number {
  const start = performance.now();
  work();
  return (performance.now() - start) * 1000;
}

const database = await startDatabase("world");
try {
  const operations = createOperations(await compiledModel(database.url));
  const times = (from: number, to: number, document: (turn: number) => string): number[] =>
    Array.from({ length: to - from }, (_, index) => {
      const request = { query: document(from + index) };
      return microsecondsOf(() => operations.prepare(request));
    });
  times(0, warmUp, newDocument);
  const fresh = times(warmUp, warmUp + counted, newDocument);
  times(0, warmUp, () => nested);
  const known = times(0, counted, () => nested);
  process.stdout.write(`${machineLine()}\nversions bun ${Bun.version}\n`);
  process.stdout.write(`set-up   the nested document, ${counted} times after ${warmUp} to warm up\n\n`);
  for (const [name, sample] of [
    ["new", fresh],
    ["known", known],
  ] as const) {
    process.stdout.write(
      `${name.padEnd(6)} mean ${short(mean(sample))} us, p50 ${short(median(sample))} us, p99 ${short(percentile(sample, 0.99))} us\n`,
    );
  }
  process.stdout.write("\n");
  for (const bar of [
    { name: "new-document-ms", value: median(fresh) / 1000, target: { atMost: 1 } },
    // Finding the plan and binding its values; planning again would bring this near 1.
    { name: "known-to-new-document", value: median(known) / median(fresh), target: { atMost: 0.05 } },
  ]) {
    process.stdout.write(`${barLine(bar)}\n`);
  }
} finally {
  await database.stop();
}
