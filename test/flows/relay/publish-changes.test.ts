/** What the relay tells of itself, and how it waits, on the simulated database and bus. */

import { expect, test } from "bun:test";
import type { Observation } from "../../../src/core/observation.ts";
import { publishChanges } from "../../../src/flows/events/publish-changes.ts";
import type { ChangeFeed, FeedRow } from "../../../src/ports/change-feed.ts";
import type { BusMessage, EventBus } from "../../../src/ports/event-bus.ts";
import type { OpenTransaction } from "../../../src/ports/outbox.ts";
import { seeded } from "../../support/seeded.ts";
import { SimulatedTime } from "./simulated-time.ts";

const LEASE = { name: "relay", holder: "one", fence: 1 };
const row = (position: number): FeedRow => ({
  position,
  id: `e:${position}`,
  org: null,
  table: "public.city",
  operation: "insert",
  body: "{}",
  occurredAt: 0,
});

/** A relay on rows and a horizon that the test sets; `looks` has the time of each read. */
function start() {
  const time = new SimulatedTime(seeded(1));
  const state = {
    rows: [] as FeedRow[],
    horizon: 1n,
    barrier: 10n,
    writer: { pid: 7, since: "2026-01-02T03:04:05.000000Z", ageMs: 1, query: "update city" } as OpenTransaction | null,
    bus: { incarnation: "one", lastSequence: 0 },
    publishMs: 0,
    beforeRead: () => {},
  };
  const asked: (bigint | undefined)[] = [];
  const looks: number[] = [];
  const published: BusMessage[] = [];
  const observed: Observation[] = [];
  let poke = () => {};
  const feed: ChangeFeed = {
    open: async () => ({ position: 0, bus: null, unmarked: 0 }),
    read: async ({ after, rowsMax }) => {
      looks.push(time.now());
      state.beforeRead();
      const rows = state.rows.filter(({ position }) => position > after).slice(0, rowsMax);
      return { horizon: state.horizon, rows };
    },
    barrier: async () => state.barrier,
    store: async () => true,
    mark: async () => {},
    resumeAt: async () => 0,
    oldestWriter: async (below) => {
      asked.push(below);
      return state.writer;
    },
    listen: (poked) => {
      poke = poked;
    },
    rotate: async () => {},
  };
  const bus = {
    publish: async (messages: readonly BusMessage[]) => {
      if (state.publishMs > 0) await time.wait(state.publishMs);
      published.push(...messages);
      state.bus = { ...state.bus, lastSequence: state.bus.lastSequence + messages.length };
      return state.bus.lastSequence;
    },
    state: async () => state.bus,
  } as unknown as EventBus;
  const over = new AbortController();
  const parts = { feed, bus, wait: time, observe: (observation: Observation) => void observed.push(observation) };
  const relaying = publishChanges(parts, LEASE, { retentionMs: 1, signal: over.signal });
  const stop = async () => {
    over.abort();
    await time.runUntil(time.now());
    await relaying;
  };
  return { time, state, asked, looks, published, observed, poke: () => poke(), stop };
}

test("with nothing to do it looks ever later, up to four times a second; after a find soon again", async () => {
  const relay = start();
  await relay.time.runUntil(2_000);
  const gaps = relay.looks.slice(1).map((at, index) => at - (relay.looks[index] ?? 0));
  expect(gaps.slice(0, 8)).toEqual([10, 20, 40, 80, 160, 250, 250, 250]);
  relay.state.rows = [row(1)];
  await relay.time.runUntil(2_300);
  const found = relay.looks.findLastIndex((at, index) => (relay.looks[index + 1] ?? 0) - at === 5);
  expect(found).toBeGreaterThan(8);
  expect(relay.published).toHaveLength(1);
  await relay.stop();
});

test("a poke ends the pause at once, and many are one look", async () => {
  const relay = start();
  await relay.time.runUntil(2_000);
  const before = relay.looks.length;
  for (let count = 0; count < 50; count += 1) relay.poke();
  await relay.time.runUntil(2_001);
  expect(relay.looks.slice(before)).toEqual([2_000]);
  await relay.stop();
});

test("who holds it back is named after a second, and every ten seconds", async () => {
  const relay = start();
  relay.state.rows = [row(2)];
  await relay.time.runUntil(12_500);
  const held = relay.observed.filter(({ kind }) => kind === "relay-held");
  expect(held).toHaveLength(2);
  expect(held.map((told) => told.kind === "relay-held" && told.ageMs >= 1_000 && told.ageMs)).toEqual([1_065, 11_065]);
  expect(relay.asked).toEqual([10n, 10n]);
  expect(held[0]).toMatchObject({ pid: 7, since: "2026-01-02T03:04:05.000000Z", query: "update city" });
  expect(relay.published).toEqual([]);
  relay.state.horizon = 11n;
  await relay.time.runUntil(13_000);
  expect(relay.published.map(({ id }) => id)).toEqual(["e:2"]);
  await relay.stop();
});

test("a relay that goes on is held by nobody, whatever gaps it meets", async () => {
  const relay = start();
  let position = 0;
  relay.state.beforeRead = () => {
    // The gap before is passed, and there is another.
    position += 2;
    relay.state.rows.push(row(position));
    relay.state.horizon = relay.state.barrier + 1n;
    relay.state.barrier += 2n;
  };
  await relay.time.runUntil(5_000);
  expect(relay.published.length).toBeGreaterThan(100);
  expect(relay.asked).toEqual([]);
  expect(relay.observed.filter(({ kind }) => kind === "relay-held")).toEqual([]);
  await relay.stop();
});

test("whoever has ended by the time he is asked for is not told, nor is anybody else", async () => {
  const relay = start();
  relay.state.rows = [row(2)];
  relay.state.writer = null;
  await relay.time.runUntil(2_000);
  expect(relay.asked).toEqual([10n]);
  expect(relay.observed.filter(({ kind }) => kind === "relay-held")).toEqual([]);
  await relay.stop();
});

test("a bus that was made anew gets all again, and that is told", async () => {
  const relay = start();
  relay.state.rows = [row(1), row(2)];
  await relay.time.runUntil(1_000);
  relay.state.bus = { incarnation: "two", lastSequence: 0 };
  await relay.time.runUntil(8_000);
  expect(relay.published.map(({ id }) => id)).toEqual(["e:1", "e:2", "e:1", "e:2"]);
  expect(relay.observed).toContainEqual({ kind: "bus-refilled", from: 1, to: 2, why: "the log was made anew" });
  await relay.stop();
});

test("after a full batch the next is read while that one is published", async () => {
  const relay = start();
  relay.state.rows = Array.from({ length: 2_500 }, (_, index) => row(index + 1));
  relay.state.publishMs = 100;
  await relay.time.runUntil(1_000);
  expect(relay.published.map(({ id }) => id)).toEqual(relay.state.rows.map(({ id }) => id));
  expect(relay.looks.slice(0, 4)).toEqual([0, 0, 100, 300]);
  await relay.stop();
});
