/**
 * `bun run bench:pipeline [--quick] [--composition embedded|real] [--rate 1000]`: from a commit to its webhook at a local server,
 * by workers in a process of their own: on PostgreSQL alone, and with NATS and Redis where they are installed.
 */
import { parseArgs } from "node:util";
import { NATS_MISSING, startNats } from "../test/support/nats-server.ts";
import { REDIS_MISSING, startRedis } from "../test/support/redis-server.ts";
import { delivered, type Stores } from "./pipeline/delivered.ts";
import { type Bar, barLine, short } from "./support/bars.ts";
import { machineLine } from "./support/machine.ts";
import { percentile } from "./support/statistics.ts";

const { values: flags } = parseArgs({
  options: { quick: { type: "boolean" }, composition: { type: "string" }, rate: { type: "string", default: "1000" } },
});
const rate = Number(flags.rate);
const bars: Bar[] = [];
const print = (line: string) => void process.stdout.write(`${line}\n`);

print(machineLine());
if (flags.composition !== "real") await measure("embedded", {});
if (flags.composition !== "embedded") {
  const missing = NATS_MISSING ?? REDIS_MISSING;
  if (missing === undefined) {
    const [nats, redis] = await Promise.all([startNats(), startRedis()]);
    await measure("real", { natsUrl: nats.url, redisUrl: redis.url }).finally(() =>
      Promise.all([nats.stop(), redis.stop()]),
    );
  } else print(`real       left out: ${missing}`);
}
print("");
for (const bar of bars) print(barLine(bar));
process.exit(0);

async function measure(composition: string, stores: Stores): Promise<void> {
  const seen = await delivered(stores, { rate, milliseconds: flags.quick ? 8_000 : 60_000 });
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => percentile(seen.latencies, share)) as [
    number,
    number,
    number,
  ];
  print(
    `${composition.padEnd(10)} ${short(seen.perSecond)} commits/s; written → received p50 ${short(p50)} ms, p95 ${short(p95)} ms, p99 ${short(p99)} ms; lost ${seen.lost}, doubled ${seen.doubled}; CPU of the worker ${short(seen.cpuMs)} ms a second`,
  );
  const name = (measure: string) => `pipeline-${composition}-${measure}`;
  bars.push({ name: name("commits-per-second"), value: seen.perSecond, target: { atLeast: rate * 0.975 } });
  bars.push({ name: name("p95-ms"), value: p95, target: { atMost: 100 } });
  bars.push({ name: name("lost"), value: seen.lost, target: { atMost: 0 } });
  bars.push({ name: name("doubled"), value: seen.doubled, target: { atMost: 0 } });
}
