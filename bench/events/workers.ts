/** Relay and dispatcher as a deployment runs them, with rules, and a look at each decision. */
import { compileDatabase } from "../../src/compose/compile-database.ts";
import { openWorkers } from "../../src/compose/workers.ts";
import { loadConfig } from "../../src/config/load-config.ts";
import type { Observation } from "../../src/core/observation.ts";
import { type DurableDatabase, TABLES } from "./durable-database.ts";

/** A hundred that ask for one customer each, of a thousand; and one that asks every event and never matches. */
const RULES = [
  ...Array.from({ length: 100 }, (_, n) => ruleOf(`customer-${n}`, `new.customer = ${n * 10}`)),
  ruleOf("total", "new.total < 0"),
];

function ruleOf(name: string, condition: string) {
  const actions = [{ kind: "log", message: "customer {{ new.customer }}" }];
  return { name, entity: "Captured", operations: ["insert"], condition, actions };
}

export type Watch = {
  readonly latencies: readonly number[];
  readonly count: number;
  /** `performance.now()` of the first and the last decision. */
  readonly firstAt: number;
  readonly lastAt: number;
  /** The position of the last event that was decided. */
  readonly last: number;
  /** Events that came again, or after a later one. Without orgs all rows of a table are in one shard, in order. */
  readonly disordered: number;
  /** What parts failed of, as text. */
  readonly failures: readonly string[];
};

export type BenchWorkers = {
  /** Counts from the position on. */
  watch(from: number): Watch;
  stop(): Promise<void>;
};

/** Latencies of so many events are kept, spread over all. */
const SAMPLES_MAX = 200_000;

/** Starts them on what comes from now on. */
export async function startWorkers(database: DurableDatabase, natsUrl: string | undefined): Promise<BenchWorkers> {
  const { artifact } = await compileDatabase(database.url);
  const environment = { DATABASE_URL: database.url, FRAISEQL_NATS_URL: natsUrl };
  const config = loadConfig({ env: environment });
  await database.sql`update fraiseql.relay set position = (select coalesce(max(position), 0) from fraiseql.outbox)`;
  let seen = counting(0);
  const observe = (observation: Observation) => seen.take(observation);
  const workers = await openWorkers({ config, environment, artifact, log: () => {}, observe });
  await workers.operating.rules.apply({ rules: RULES, removeOthers: true }, { by: "bench" });
  const over = new AbortController();
  const running = workers.run(new Set(["relay", "dispatcher"]), over.signal);
  await untilDecided(database, () => seen.watch);
  return {
    watch: (from) => {
      seen = counting(from);
      return seen.watch;
    },
    stop: async () => {
      over.abort();
      await running;
      await workers.close();
    },
  };
}

/** Leases are taken and rules are read once the first event has been decided. */
async function untilDecided(database: DurableDatabase, watch: () => Watch): Promise<void> {
  const table = TABLES[1];
  await database.sql`insert into ${database.sql(table)} (customer, status, total) values (1, 'open', 1)`;
  const start = performance.now();
  while (watch().count === 0) {
    if (performance.now() - start > 60_000) throw new Error(`Nothing was decided: ${watch().failures.join("; ")}`);
    await Bun.sleep(5);
  }
}

function counting(from: number) {
  const latencies: number[] = [];
  const failures: string[] = [];
  const watch = { latencies, count: 0, firstAt: 0, lastAt: 0, last: from, disordered: 0, failures };
  const take = (seen: Observation) => {
    if (seen.kind === "part-failed" && failures.length < 10) failures.push(`${seen.part}: ${seen.error}`);
    if (seen.kind !== "event-decided") return;
    const position = Number(seen.eventId.slice(seen.eventId.indexOf(":") + 1));
    if (position <= watch.last) watch.disordered += 1;
    watch.last = Math.max(watch.last, position);
    watch.count += 1;
    watch.lastAt = performance.now();
    if (watch.count === 1) watch.firstAt = watch.lastAt;
    // A replay has none; nothing is replayed here.
    if (seen.lagMs === undefined) return;
    if (latencies.length < SAMPLES_MAX) latencies.push(seen.lagMs);
    else if (watch.count % 16 === 0) latencies[(watch.count / 16) % SAMPLES_MAX] = seen.lagMs;
  };
  return { watch, take };
}
