import { expect, test } from "bun:test";
import { FraiseqlError } from "../../src/core/errors.ts";
import type { Observation } from "../../src/core/observation.ts";
import { refuseOtherBus, watchOwnBus } from "../../src/flows/events/own-bus.ts";
import { SimulatedTime } from "./relay/simulated-time.ts";

/** A bus of one incarnation, and the one that the relay publishes to. */
function world(relayed: string | null) {
  const state = { relayed, isAway: false };
  const bus = {
    incarnation: async () => {
      if (state.isAway) throw new FraiseqlError("BUS_UNAVAILABLE", "away");
      return "one";
    },
  };
  const outbox = { relayedTo: async () => state.relayed };
  const time = new SimulatedTime(() => 0);
  const seen: Observation[] = [];
  const over = new AbortController();
  const parts = { bus, outbox, wait: time, observe: (one: Observation) => void seen.push(one) };
  return { ...{ state, parts, time, seen }, watching: watchOwnBus(parts, over.signal), stop: () => over.abort() };
}

test("a bus is refused where the relay publishes to another, and taken where the relay never published", async () => {
  expect(await refuseOtherBus(world("one").parts)).toBeUndefined();
  expect(await refuseOtherBus(world(null).parts)).toBeUndefined();
  await expect(refuseOtherBus(world("two").parts)).rejects.toMatchObject({ code: "CONFIG_INVALID" });
});

test("a worker says that its bus is another, again and again until it is not, and ends when it is told to", async () => {
  const { state, time, seen, watching, stop } = world("two");
  await time.runUntil(10_000);
  expect(seen).toEqual([]);
  await time.runUntil(50_000);
  const error = expect.objectContaining({ code: "CONFIG_INVALID" });
  expect(seen).toEqual(Array(2).fill({ kind: "part-failed", part: "bus", error }));
  state.relayed = "one";
  await time.runUntil(500_000);
  expect(seen).toHaveLength(2);
  stop();
  await watching;
});

test("a relay that goes over to the bus in time, and a bus that is away, are not taken for another", async () => {
  const { state, time, seen, stop } = world("two");
  await time.runUntil(10_000);
  state.relayed = "one";
  await time.runUntil(100_000);
  Object.assign(state, { relayed: "two", isAway: true });
  await time.runUntil(200_000);
  expect(seen).toEqual([]);
  stop();
});
