import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { createLogAction } from "../../src/adapters/log/log-action.ts";
import { createMemoryBus } from "../../src/adapters/memory/event-bus.ts";
import { openJobQueue } from "../../src/adapters/postgres/jobs/job-queue.ts";
import { openLeases } from "../../src/adapters/postgres/leases/leases.ts";
import { openLedger } from "../../src/adapters/postgres/ledger/ledger.ts";
import { openRuleStore } from "../../src/adapters/postgres/rules/rule-store.ts";
import { openWorkerSql } from "../../src/adapters/postgres/worker/worker-sql.ts";
import { realWait } from "../../src/adapters/timers/wait.ts";
import { FraiseqlError } from "../../src/core/errors.ts";
import type { ChangeEvent } from "../../src/core/events/change-event.ts";
import { writeExactJson } from "../../src/core/events/exact-json.ts";
import type { JsonObject } from "../../src/core/events/json.ts";
import { replayId } from "../../src/core/events/replay-id.ts";
import { SHARDS, shardOf, subjectOf } from "../../src/core/events/subject.ts";
import type { Observation } from "../../src/core/observation.ts";
import type { RuleScope } from "../../src/core/rules/check-rule.ts";
import { decideEvent } from "../../src/flows/events/decide-event.ts";
import { type DispatchParts, dispatchEvents } from "../../src/flows/events/dispatch-events.ts";
import { dispatchShards } from "../../src/flows/events/dispatch-shards.ts";
import { applyRuleChange } from "../../src/flows/rules/change-rules.ts";
import { openLiveRules } from "../../src/flows/rules/live-rules.ts";
import type { EventBus } from "../../src/ports/event-bus.ts";
import { CITY_EVENT } from "../support/change-event.ts";
import { type MigratedDatabase, migratedDatabase } from "../support/migrated.ts";
import { until } from "../support/until.ts";

const log = createLogAction({ write: () => {}, now: Date.now });
const fields = new Map([
  ["id", { name: "id", type: { kind: "integer" }, nullable: false }],
  ["population", { name: "population", type: { kind: "integer" }, nullable: false }],
] as const);
const SCOPE: RuleScope = {
  entities: new Map([["City", { name: "City", table: "public.cities", fields }]]),
  actions: new Map([["log", log]]),
};
const rule = (condition: string) => ({
  name: "grown",
  entity: "City",
  operations: ["update"],
  condition,
  actions: [{ kind: "log", message: "{{ new.population }}" }],
});

let database: MigratedDatabase;
beforeAll(async () => {
  database = await migratedDatabase("dispatch");
});
afterAll(() => database.drop());
beforeEach(async () => {
  const { sql } = database;
  await sql`truncate fraiseql.decided_events, fraiseql.deliveries, fraiseql.attempts, fraiseql.rule_versions, fraiseql.leases`;
  await openJobQueue(sql).clear();
});

const event = (position: number, changes: Partial<ChangeEvent> = {}): ChangeEvent => ({
  ...CITY_EVENT,
  id: `k3x9:${position}`,
  position,
  after: { id: 7, name: "Århus", population: position },
  ...changes,
});
const publish = (bus: EventBus, events: readonly ChangeEvent[]) =>
  bus.publish(
    events.map((one) => ({ id: one.id, subject: subjectOf(one), body: writeExactJson(one as unknown as JsonObject) })),
  );
const events = (from: number, to: number, changes: Partial<ChangeEvent> = {}) =>
  Array.from({ length: to - from + 1 }, (_, at) => event(from + at, changes));

/** A dispatcher's parts with one rule; a part may be replaced. */
async function world(changed: Partial<DispatchParts> = {}, ackWaitMs = 10_000) {
  const { sql } = database;
  const observed: Observation[] = [];
  const observe = (one: Observation) => void observed.push(one);
  const [store, ledger, queue] = [openRuleStore(sql), openLedger(sql), openJobQueue(sql)];
  const save = (condition: string) =>
    applyRuleChange({ store, scope: SCOPE }, { rules: [rule(condition)], removeOthers: true }, { by: "test" });
  await save("new.population > 0");
  const rules = await openLiveRules({ store, scope: SCOPE, wait: realWait, observe });
  const bus = createMemoryBus({ wait: realWait, ackWaitMs });
  const outbox = { event: async () => undefined };
  const parts: DispatchParts = { bus, rules, ledger, queue, outbox, wait: realWait, observe, ...changed };
  const decided = async () =>
    (await sql<{ event_id: string }[]>`select event_id from fraiseql.decided_events`).map(({ event_id }) => event_id);
  const allDecided = (count: number) => until(async () => (await decided()).length === count);
  return { ...{ bus, ledger, queue, parts, observed, rules, save, decided, allDecided } };
}

/** Dispatches the shard of the cities until it is stopped. */
function dispatching(parts: DispatchParts) {
  const over = new AbortController();
  const running = dispatchEvents(parts, shardOf(CITY_EVENT), over.signal);
  return async () => {
    over.abort();
    await running;
  };
}

test("events are decided and their jobs queued in order, and only then acknowledged", async () => {
  const { bus, parts, queue, ledger, allDecided } = await world();
  await publish(bus, events(1, 600));
  const orders: string[] = [];
  const unacknowledged: number[] = [];
  const enqueue: typeof queue.enqueue = async (jobs) => {
    orders.push(...jobs.map(({ id }) => id));
    unacknowledged.push((await bus.pending())[shardOf(CITY_EVENT)] ?? 0);
    return queue.enqueue(jobs);
  };
  const stop = dispatching({ ...parts, queue: { ...queue, enqueue } });
  await allDecided(600);
  await until(async () => (await bus.pending()).every((count) => count === 0));
  await stop();
  expect(orders.map((id) => Number(id.split(":")[1]))).toEqual(Array.from({ length: 600 }, (_, at) => at + 1));
  expect(unacknowledged[0]).toBe(600);
  expect((await queue.counts()).available).toBe(600);
  const [newest] = await ledger.deliveries({}, { limit: 1 });
  expect(newest).toMatchObject({ eventId: "k3x9:600", state: "open", org: "acme" });
});

test("what a dispatcher that died had read is decided by the next one at once, before later events", async () => {
  const { bus, parts, ledger } = await world({}, 3_600_000);
  await publish(bus, events(1, 3));
  const dead = new AbortController();
  const left = bus.read({ shard: shardOf(CITY_EVENT), inFlightMax: 2, signal: dead.signal })[Symbol.asyncIterator]();
  await left.next();
  await left.next();
  const order: string[] = [];
  const decide: typeof ledger.decide = (all) => {
    order.push(...all.map(({ eventId }) => eventId));
    return ledger.decide(all);
  };
  const stop = dispatching({ ...parts, ledger: { ...ledger, decide } });
  await until(async () => (await bus.pending()).every((count) => count === 0));
  await stop();
  expect(order).toEqual(["k3x9:1", "k3x9:2", "k3x9:3"]);
});

test("what the store does not take is tried again in place: nothing overtakes it", async () => {
  const { bus, parts, ledger, queue, allDecided } = await world();
  const tried: string[][] = [];
  const decide: typeof ledger.decide = async (all) => {
    tried.push(all.map(({ eventId }) => eventId));
    if (tried.length <= 3) throw new FraiseqlError("DATABASE_UNAVAILABLE", "away");
    return ledger.decide(all);
  };
  let lost = false;
  const enqueue: typeof queue.enqueue = async (jobs) => {
    const added = await queue.enqueue(jobs);
    if (lost) return added;
    lost = true;
    throw new FraiseqlError("QUEUE_UNAVAILABLE", "the answer was lost");
  };
  await publish(bus, events(1, 3));
  const stop = dispatching({ ...parts, ledger: { ...ledger, decide }, queue: { ...queue, enqueue } });
  await until(async () => tried.length > 0);
  await publish(bus, events(4, 5));
  await allDecided(5);
  await until(async () => (await bus.pending()).every((count) => count === 0));
  await stop();
  expect(tried.slice(0, 5)).toEqual(Array.from({ length: 5 }, () => tried[0] ?? []));
  expect((await queue.counts()).available).toBe(5);
});

test("an event that comes again is not decided again, whatever the rules say by then", async () => {
  const first = await world();
  const { ledger, queue } = first;
  await publish(first.bus, events(1, 2));
  await dispatchedTo(first, 2);
  const again = await world();
  await again.save("new.population > 100");
  await publish(again.bus, events(1, 3));
  await dispatchedTo(again, 3);
  expect((await ledger.deliveries({}, { limit: 10 })).map(({ eventId }) => eventId).toSorted()).toEqual(
    (await first.decided()).toSorted(),
  );
  expect((await queue.counts()).available).toBe(3);
});

async function dispatchedTo({ bus, parts, allDecided }: Awaited<ReturnType<typeof world>>, count: number) {
  const stop = dispatching(parts);
  await allDecided(count);
  await until(async () => (await bus.pending()).every((left) => left === 0));
  await stop();
}

test("a dispatcher that is stopped in the middle leaves the rest to the next", async () => {
  const { bus, parts, ledger, queue, allDecided } = await world({}, 300);
  await publish(bus, events(1, 3));
  let asked = () => {};
  const tried = new Promise<void>((resolve) => {
    asked = resolve;
  });
  const decide: typeof ledger.decide = async () => {
    asked();
    throw new FraiseqlError("DATABASE_UNAVAILABLE", "away");
  };
  const stop = dispatching({ ...parts, ledger: { ...ledger, decide } });
  await tried;
  await stop();
  expect((await bus.pending())[shardOf(CITY_EVENT)]).toBe(3);
  const stopNext = dispatching(parts);
  await allDecided(3);
  await stopNext();
  expect((await queue.counts()).available).toBe(3);
});

test("what is no event, and what makes a job that no queue takes, goes to the refused and holds up nobody", async () => {
  const { bus, parts, observed, allDecided } = await world();
  const subject = subjectOf(CITY_EVENT);
  await bus.publish([{ id: "odd", subject, body: "{ no event" }]);
  const huge = event(1, { org: "o".repeat(300) });
  await bus.publish([{ id: huge.id, subject, body: writeExactJson(huge as unknown as JsonObject) }]);
  await publish(bus, events(2, 2));
  const stop = dispatching(parts);
  await allDecided(1);
  await stop();
  const refused = await bus.refused({ limit: 10 });
  expect(refused.map(({ id }) => id)).toEqual(["k3x9:1", "odd"]);
  expect(refused[0]?.reason).toContain("org");
  expect(observed.filter(({ kind }) => kind === "event-refused")).toHaveLength(2);
});

test("how long a decision took is told of an event, and not of its replay, which nobody waited for since the row was written", async () => {
  const { bus, parts, queue, observed, allDecided } = await world();
  await publish(bus, [event(1)]);
  const body = writeExactJson(event(1) as unknown as JsonObject);
  await bus.publish([{ id: replayId("k3x9:1", 1), subject: subjectOf(CITY_EVENT), body }]);
  const stop = dispatching(parts);
  await allDecided(2);
  await stop();
  const lags = observed.flatMap((one) => (one.kind === "event-decided" ? [one.lagMs] : []));
  expect(lags).toEqual([expect.any(Number), undefined]);
  const jobs = await queue.claim({ count: 10, leaseMs: 1_000 });
  expect(jobs.map(({ job }) => [job.id, JSON.parse(job.payload).occurredAt])).toEqual([
    ["k3x9:1:grown@1:0", CITY_EVENT.occurredAt],
    ["k3x9:1:replay:1:grown@1:0", null],
  ]);
});

test("an event that was too large to carry is decided on as the outbox has it", async () => {
  const whole = event(1, { after: { id: 7, population: 5 } });
  let fails = 2;
  const outbox = {
    event: async () => {
      fails -= 1;
      if (fails >= 0) throw new FraiseqlError("DATABASE_UNAVAILABLE", "away");
      return whole;
    },
  };
  const { bus, parts, ledger, allDecided } = await world({ outbox });
  await publish(bus, [{ ...whole, before: null, after: null, spilled: true }]);
  const stop = dispatching(parts);
  await allDecided(1);
  await stop();
  expect((await ledger.decidedEvent("k3x9:1"))?.matched).toEqual([{ name: "grown", version: 1 }]);
});

test("a rule that is saved decides in every worker within a second", async () => {
  const { save } = await world();
  const over = new AbortController();
  // Each has connections of its own, as another process has.
  const pools = ["one", "other"].map((name) =>
    openWorkerSql({ url: database.url, connectionsMax: 1, connectTimeoutMs: 5_000, name }),
  );
  const workers = await Promise.all(
    pools.map((sql) => openLiveRules({ store: openRuleStore(sql), scope: SCOPE, wait: realWait, observe: () => {} })),
  );
  const following = workers.map((rules) => rules.follow(over.signal));
  const delivered = { id: "e", body: "{}", span: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" };
  const said = (population: number) =>
    workers.map((rules) => decideEvent(rules.current(), event(population), delivered).matched);
  expect(said(5)).toEqual([[{ name: "grown", version: 1 }], [{ name: "grown", version: 1 }]]);
  const startedAt = performance.now();
  await save("new.population > 7");
  await until(async () => said(5).every((matched) => matched.length === 0));
  expect(performance.now() - startedAt).toBeLessThan(1_000);
  expect(said(9)).toEqual([[{ name: "grown", version: 2 }], [{ name: "grown", version: 2 }]]);
  over.abort();
  await Promise.all(following);
  await Promise.all(pools.map((sql) => sql.end()));
});

test("two dispatchers share the shards, and one takes over what the other leaves", async () => {
  const { parts, bus, allDecided } = await world();
  const leases = openLeases(database.sql);
  const held = async (holder: string) => {
    const [row] = await database.sql<{ count: number }[]>`
      select count(*)::int as count from fraiseql.leases
      where name like 'dispatch:%' and holder = ${holder} and expires_at > clock_timestamp()`;
    return row?.count;
  };
  const start = (holder: string) => {
    const over = new AbortController();
    const running = dispatchShards({ ...parts, leases }, { holder, signal: over.signal });
    return async () => {
      over.abort();
      await running;
    };
  };
  const stopA = start("a");
  await until(async () => (await held("a")) === SHARDS);
  const stopB = start("b");
  await until(async () => (await held("a")) === SHARDS / 2 && (await held("b")) === SHARDS / 2);
  await stopA();
  expect(await held("a")).toBe(0);
  await until(async () => (await held("b")) === SHARDS);
  await publish(
    bus,
    Array.from({ length: 40 }, (_, at) => event(at + 1, { org: `org-${at}` })),
  );
  await allDecided(40);
  await stopB();
}, 40_000);
