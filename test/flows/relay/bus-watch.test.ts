import { expect, test } from "bun:test";
import { watchBus } from "../../../src/flows/events/bus-watch.ts";
import type { BusState } from "../../../src/ports/event-bus.ts";

/** A bus that was at 10 when the relay last stored how far it is, and what the feed is asked about it. */
function world() {
  const bus = { state: { incarnation: "one", lastSequence: 10 } as BusState, asked: 0 };
  const feed = { resumedFrom: [] as BusState[], marked: [] as number[] };
  const time = { now: 0 };
  const watch = watchBus(
    {
      feed: {
        mark: async (position) => void feed.marked.push(position),
        resumeAt: async (state) => {
          feed.resumedFrom.push(state);
          return 2;
        },
      },
      bus: {
        state: async () => {
          bus.asked += 1;
          return bus.state;
        },
      },
      wait: { now: () => time.now },
      observe: () => {},
    },
    { position: 5, bus: bus.state, unmarked: 0 },
    4,
  );
  return { bus, feed, time, watch };
}

test("of a bus that went back, as many of its newest messages are not counted on as were handed to it since it was whole", async () => {
  const { bus, feed, time, watch } = world();
  expect(await watch.resumeAt(5)).toBe(5);
  watch.attempt(1);
  time.now += 2_000;
  bus.state = { incarnation: "one", lastSequence: 9 };
  expect(await watch.resumeAt(5)).toBe(2);
  // A batch that an earlier relay may have left behind, and the one of this relay.
  expect(feed.resumedFrom).toEqual([{ incarnation: "one", lastSequence: 4 }]);
});

test("after a failure the bus is asked at once, and not when it is time again", async () => {
  const { bus, time, watch } = world();
  await watch.resumeAt(5);
  time.now += 500;
  await watch.resumeAt(5);
  expect(bus.asked).toBe(1);
  watch.doubt();
  await watch.resumeAt(5);
  expect(bus.asked).toBe(2);
});
