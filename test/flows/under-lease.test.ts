import { expect, test } from "bun:test";
import type { Observation } from "../../src/core/observation.ts";
import { underLease } from "../../src/flows/under-lease.ts";
import type { Lease, Leases } from "../../src/ports/leases.ts";
import { SimulatedTime } from "./relay/simulated-time.ts";

const LEASE_MS = 9_000;

/** One lease by the simulated clock; `away` and `silent` are a store that fails, and one that does not answer. */
function world() {
  const time = new SimulatedTime(() => 0);
  const seen: Observation[] = [];
  const state = { holder: "", until: 0, fence: 0, away: false, silent: false, takeMs: 0, renewals: 0, releases: 0 };
  const asked = async () => {
    if (state.silent) await new Promise(() => {});
    if (state.away) throw new Error("away");
  };
  const leases: Leases = {
    take: async (name, holder, milliseconds) => {
      await asked();
      if (state.holder !== holder && state.until > time.now()) return undefined;
      state.fence += 1;
      Object.assign(state, { holder, until: time.now() + milliseconds });
      const lease: Lease = { name, holder, fence: state.fence };
      await time.wait(state.takeMs);
      return lease;
    },
    renew: async ({ holder, fence }, milliseconds) => {
      state.renewals += 1;
      await asked();
      const isHeld = state.holder === holder && state.fence === fence && state.until > time.now();
      if (isHeld) state.until = time.now() + milliseconds;
      return isHeld;
    },
    release: async ({ holder, fence }) => {
      await asked();
      state.releases += 1;
      if (state.holder === holder && state.fence === fence) state.until = 0;
    },
    count: async () => 0,
  };
  const parts = { leases, wait: time, observe: (one: Observation) => void seen.push(one) };
  return { time, state, seen, parts };
}

/** Works until it is told to stop, and remembers when that was. */
function work(time: SimulatedTime) {
  const spans: { from: number; to?: number }[] = [];
  return {
    spans,
    run: async (_lease: Lease, signal: AbortSignal) => {
      const span: { from: number; to?: number } = { from: time.now() };
      spans.push(span);
      await time.wait(1e9, signal);
      span.to = time.now();
    },
  };
}

const options = (signal: AbortSignal, holder = "a") => ({ name: "one", holder, milliseconds: LEASE_MS, signal });

for (const fault of ["away", "silent"] as const) {
  test(`work ends before another can have the lease when the store is ${fault}`, async () => {
    const { time, state, parts } = world();
    const { spans, run } = work(time);
    const over = new AbortController();
    underLease(parts, options(over.signal), run);
    await time.runUntil(20_000, () => state.renewals === 3);
    const until = state.until;
    state[fault] = true;
    await time.runUntil(60_000, () => spans[0]?.to !== undefined);
    expect(spans).toHaveLength(1);
    expect(spans[0]?.to).toBeLessThanOrEqual(until - LEASE_MS / 3);
    over.abort();
  });
}

test("a renewal that failed is tried again while there is time, and the work goes on", async () => {
  const { time, state, seen, parts } = world();
  const { spans, run } = work(time);
  const over = new AbortController();
  const done = underLease(parts, options(over.signal), run);
  await time.runUntil(2_999);
  state.away = true;
  await time.runUntil(4_000);
  expect(state.renewals).toBeGreaterThan(1);
  state.away = false;
  await time.runUntil(100_000);
  over.abort();
  await done;
  expect(spans).toEqual([{ from: 0, to: 100_000 }]);
  expect(seen.map(({ kind }) => kind)).toEqual(["lease-taken"]);
});

test("a lease that somebody else has by now ends the work at the next renewal", async () => {
  const { time, state, seen, parts } = world();
  const { spans, run } = work(time);
  const over = new AbortController();
  underLease(parts, options(over.signal), run);
  await time.runUntil(1_000);
  Object.assign(state, { holder: "b", until: 1e9, fence: 7 });
  await time.runUntil(10_000);
  expect(spans).toEqual([{ from: 0, to: 3_000 }]);
  expect(seen.map(({ kind }) => kind)).toEqual(["lease-taken", "lease-lost"]);
  over.abort();
});

test("work that throws is told, gives the lease back and is taken up again after a pause", async () => {
  const { time, state, seen, parts } = world();
  const starts: number[] = [];
  const over = new AbortController();
  const done = underLease(parts, options(over.signal), async () => {
    starts.push(time.now());
    throw new Error("a fault");
  });
  await time.runUntil(7_000);
  over.abort();
  await done;
  expect(starts).toEqual([0, 3_000, 6_000]);
  expect(state.releases).toBe(3);
  expect(seen.filter(({ kind }) => kind === "part-failed")).toHaveLength(3);
});

test("the signal ends the work, which is waited for, and then the lease is free", async () => {
  const { time, state, parts } = world();
  const over = new AbortController();
  let isDone = false;
  const done = underLease(parts, options(over.signal), async (_, signal) => {
    await time.wait(1e9, signal);
    await time.wait(500);
    isDone = true;
  });
  await time.runUntil(1_000);
  over.abort();
  await time.runUntil(1_400);
  expect([isDone, state.releases]).toEqual([false, 0]);
  await time.runUntil(1_600);
  await done;
  expect([isDone, state.releases, state.until]).toEqual([true, 1, 0]);
});

test("a lease whose answer took too long begins nothing, and is given back", async () => {
  const { time, state, parts } = world();
  const { spans, run } = work(time);
  const over = new AbortController();
  state.takeMs = LEASE_MS / 2;
  underLease(parts, options(over.signal), run);
  await time.runUntil(4_600);
  expect([spans.length, state.releases]).toEqual([0, 1]);
  state.takeMs = 0;
  await time.runUntil(10_000);
  expect(spans).toHaveLength(1);
  over.abort();
});

test("two who want the same never work at the same time, and the second follows the first", async () => {
  const { time, parts } = world();
  const [first, second] = [work(time), work(time)];
  const [a, b] = [new AbortController(), new AbortController()];
  underLease(parts, options(a.signal, "a"), first.run);
  underLease(parts, options(b.signal, "b"), second.run);
  await time.runUntil(30_000);
  expect([first.spans.length, second.spans.length]).toEqual([1, 0]);
  a.abort();
  await time.runUntil(40_000);
  expect(second.spans[0]?.from).toBeGreaterThanOrEqual(first.spans[0]?.to ?? Number.NaN);
  expect(second.spans[0]?.from).toBeLessThanOrEqual(33_000);
  b.abort();
});
