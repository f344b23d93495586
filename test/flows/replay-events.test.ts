import { expect, test } from "bun:test";
import { FraiseqlError } from "../../src/core/errors.ts";
import type { ChangeEvent } from "../../src/core/events/change-event.ts";
import { decodeChangeEvent } from "../../src/core/events/decode-change-event.ts";
import { ExactNumber } from "../../src/core/events/json.ts";
import { replayEvents, replayPublished } from "../../src/flows/events/replay-events.ts";
import type { BusMessage } from "../../src/ports/event-bus.ts";
import { CITY_EVENT } from "../support/change-event.ts";

/** An outbox of so many cities, and the bus it is replayed to. */
function kept(...events: readonly ChangeEvent[]) {
  const published: BusMessage[] = [];
  const counts = new Map<string, number>();
  return {
    ...{ published, counts },
    outbox: {
      event: async (id: string) => events.find((event) => event.id === id),
      published: async ({ after, limit, table }: { after: number; limit: number; table?: string | undefined }) =>
        events.filter((event) => event.position > after && (table ?? event.table) === event.table).slice(0, limit),
      replayed: async (ids: readonly string[]) =>
        ids.map((id) => {
          counts.set(id, (counts.get(id) ?? 0) + 1);
          return counts.get(id) ?? 0;
        }),
    },
    bus: {
      state: async () => ({ incarnation: "one", lastSequence: 0 }),
      publish: async (messages: readonly BusMessage[]) => published.push(...messages),
    },
  };
}
const city = (position: number, changes: Partial<ChangeEvent> = {}): ChangeEvent => ({
  ...CITY_EVENT,
  id: `k3x9:${position}`,
  position,
  ...changes,
});

test("an event is published again as it was, under an id that no publication had", async () => {
  const event = city(17, { after: { id: 7, population: new ExactNumber("12345678901234567890.10") } });
  const parts = kept(event);
  expect(await replayEvents(parts, ["k3x9:17", "k3x9:99", "k3x9:17"])).toEqual({
    published: ["k3x9:17"],
    unknown: ["k3x9:99"],
  });
  await replayEvents(parts, ["k3x9:17"]);
  expect(parts.published.map(({ id }) => id)).toEqual(["k3x9:17:replay:1", "k3x9:17:replay:2"]);
  expect(decodeChangeEvent(parts.published[0]?.body ?? "")).toEqual(event);
  expect(parts.published[0]?.subject).toMatch(/^fql\.ev\.\d+\.acme\.public=2ecities\.update$/);
});

test("a replay that the bus is away for is none: the next one is the first", async () => {
  const parts = kept(city(17));
  const away = new FraiseqlError("BUS_UNAVAILABLE", "away");
  const bus = { ...parts.bus, state: () => Promise.reject(away) };
  await expect(replayEvents({ ...parts, bus }, ["k3x9:17"])).rejects.toBe(away);
  expect([parts.counts.size, parts.published]).toEqual([0, []]);
  await replayEvents(parts, ["k3x9:17"]);
  expect(parts.published.map(({ id }) => id)).toEqual(["k3x9:17:replay:1"]);
});

test("what fits is published again in order, page by page, up to the limit", async () => {
  const parts = kept(
    ...Array.from({ length: 1_300 }, (_, index) => city(index + 1, index % 2 ? { table: "public.other" } : {})),
  );
  const { published } = await replayPublished(parts, { table: "public.cities", limit: 600 });
  expect(published).toHaveLength(600);
  expect(parts.published.map(({ id }) => id)).toEqual(
    Array.from({ length: 600 }, (_, index) => `k3x9:${index * 2 + 1}:replay:1`),
  );
});

test("what is too large to carry goes by reference again", async () => {
  const parts = kept(city(1, { after: { id: 1, body: "x".repeat(300_000) } }));
  await replayEvents(parts, ["k3x9:1"]);
  expect(decodeChangeEvent(parts.published[0]?.body ?? "")).toMatchObject({ before: null, after: null, spilled: true });
});
