/**
 * `bun run bench:queue [--quick]`: our job queue beside BullMQ, on the same Redis (append-only file, fsync each second), in
 * turns, in one process: enqueueing, processing, pick-up, memory; and how long jobs of small orgs wait behind a backlog.
 */
import { parseArgs } from "node:util";
import { startRedis } from "../test/support/redis-server.ts";
import { bullmq } from "./queue/bullmq.ts";
import type { Contender } from "./queue/contender.ts";
import { lateClaims } from "./queue/fairness.ts";
import { fraiseql } from "./queue/fraiseql.ts";
import { bytesPerJob, perSecond } from "./queue/measure.ts";
import { barLine, short } from "./support/bars.ts";
import { machineLine } from "./support/machine.ts";
import { median } from "./support/statistics.ts";

const { values: flags } = parseArgs({ options: { quick: { type: "boolean" } } });
const rounds = flags.quick ? 3 : 7;
const size = flags.quick ? 1 : 4;

// An exit ends the Redis below; a signal alone would leave it running.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
const server = await startRedis();
const ours = fraiseql(server.url);
const theirs = bullmq(server.port);
const contenders: readonly Contender[] = [ours, theirs];

/** What is timed, jobs in a second, larger is better. */
const RATES: Readonly<Record<string, (contender: Contender) => Promise<number>>> = {
  "one-by-one": (contender) => perSecond(contender, 1_000 * size, 1),
  "32-in-flight": (contender) => perSecond(contender, 5_000 * size, 32),
  "bulk-of-100": (contender) => perSecond(contender, 10_000 * size, 1, 100),
  processing: async (contender) => {
    const count = 5_000 * size;
    await contender.enqueueMany(0, count);
    return count / (await contender.process(count));
  },
};

try {
  for (const [name, measure] of Object.entries(RATES)) await warm(name, measure);
  const bars = [];
  process.stdout.write(
    `${machineLine()}\nversions bun ${Bun.version}, redis ${await version()}, bullmq 6.7.0 on ioredis 5.11.1\n`,
  );
  process.stdout.write(`set-up   200 bytes of payload, 100 orgs, ${rounds} rounds in turns, medians\n\n`);
  for (const [name, measure] of Object.entries(RATES)) {
    const [a, b, ratio] = await inTurns(measure);
    process.stdout.write(`${name.padEnd(14)} fraiseql ${short(a)}/s, bullmq ${short(b)}/s, ${short(ratio)} x\n`);
    bars.push({ name: `queue-${name}`, value: ratio, target: { atLeast: 1.5 } });
  }
  const pickUps = new Map<string, readonly number[]>();
  for (const contender of contenders) {
    await contender.clear();
    pickUps.set(contender.name, await contender.pickUps(flags.quick ? 150 : 1_000));
  }
  const mean = (name: string) => {
    const times = pickUps.get(name) ?? [];
    return times.reduce((sum, time) => sum + time, 0) / times.length;
  };
  process.stdout.write(
    `pick-up        fraiseql ${short(mean("fraiseql"))} ms, bullmq ${short(mean("bullmq"))} ms, mean\n`,
  );
  bars.push({ name: "queue-pick-up-ms", value: mean("fraiseql"), target: { atMost: 5 } });
  const [ourBytes, theirBytes] = [await bytesPerJob(ours, server.url), await bytesPerJob(theirs, server.url)];
  process.stdout.write(`memory         fraiseql ${short(ourBytes)} bytes a waiting job, bullmq ${short(theirBytes)}\n`);
  bars.push({ name: "queue-memory-to-bullmq", value: ourBytes / theirBytes, target: { atMost: 1 } });
  const { claims, ideal } = await lateClaims(ours.queue);
  process.stdout.write(
    `late jobs      200 of 10 small orgs behind 50000 of one took ${claims} claims, ideally ${ideal}\n\n`,
  );
  bars.push({ name: "queue-late-claims-to-ideal", value: claims / ideal, target: { atMost: 1.1 } });
  for (const bar of bars) process.stdout.write(`${barLine(bar)}\n`);
} finally {
  // One that cannot even close has failed before, and that is what is to be read.
  await Promise.allSettled(contenders.map((contender) => contender.close()));
  await server.stop();
}
process.exit(0);

async function warm(_name: string, measure: (contender: Contender) => Promise<number>): Promise<void> {
  for (const contender of contenders) {
    await contender.clear();
    await measure(contender);
  }
}

/** Medians of both, and of the ratios of rounds: what slows the machine for a moment slows both sides of one. */
async function inTurns(measure: (contender: Contender) => Promise<number>): Promise<[number, number, number]> {
  const [first, second]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    // Who comes first changes.
    for (const contender of round % 2 === 0 ? contenders : contenders.toReversed()) {
      await contender.clear();
      (contender === ours ? first : second).push(await measure(contender));
    }
  }
  return [median(first), median(second), median(first.map((rate, round) => rate / (second[round] ?? Number.NaN)))];
}

async function version(): Promise<string> {
  const child = Bun.spawn(["/usr/bin/redis-server", "--version"], { stdout: "pipe" });
  return /v=(\S+)/.exec(await new Response(child.stdout).text())?.[1] ?? "?";
}
