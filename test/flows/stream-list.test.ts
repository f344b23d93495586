/** When the time of a long list's statement begins. */
import { afterEach, expect, jest, test } from "bun:test";
import { DEFAULT_LIMITS } from "../../src/core/limits.ts";
import { createOperations } from "../../src/core/operations.ts";
import { createListTurns } from "../../src/flows/answers/list-turns.ts";
import { streamList } from "../../src/flows/answers/stream-list.ts";
import type { BulkReader } from "../../src/ports/bulk-reader.ts";
import { shelf } from "../core/operations/shelf.ts";
import { failureOf } from "../support/failure-of.ts";

const HOUR_MS = 3_600_000;
const operations = createOperations(shelf(), { limits: DEFAULT_LIMITS, streamsLists: true });

/** Has no rows, and none for whoever has left. */
const bulk: BulkReader = {
  async open(_, { signal } = {}) {
    if (signal?.aborted) throw new Error("left");
    return { columns: [], read: async () => undefined, close: async () => {} };
  },
  openTogether: () => Promise.reject(new Error("a list is one statement")),
  openInOrder: () => Promise.reject(new Error("a list is one statement")),
  close: async () => {},
};

const askedFor = (turns: ReturnType<typeof createListTurns>, open = bulk) =>
  streamList(
    { operations, bulk: open, turns, bytesMax: 1_000, firstBytesMs: 1_000 },
    { query: "{ books(limit: 10000) { title } }" },
  );
const turnsFor = (waitMs: number) =>
  createListTurns({ waitersMax: 1, waitMs, turnMs: HOUR_MS, quietMs: HOUR_MS, atOnceMax: 1, quickRequests: () => 0 });

afterEach(() => void jest.useRealTimers());

test("a list that has waited for its turn has the whole time of a statement before it", async () => {
  jest.useFakeTimers();
  const turns = turnsFor(HOUR_MS);
  const held = await turns.take(new AbortController().signal);
  const answer = askedFor(turns);
  jest.advanceTimersByTime(2_000);
  held.end();
  expect(new TextDecoder().decode((await answer).body as Uint8Array)).toBe('{"data":{"books":[]}}');
});

test("its first bytes have to be there in that time", async () => {
  jest.useFakeTimers();
  const never: BulkReader = {
    ...bulk,
    open: (_, { signal } = {}) =>
      new Promise((_resolve, reject) => signal?.addEventListener("abort", () => reject(new Error("left")))),
  };
  const answer = askedFor(turnsFor(HOUR_MS), never);
  await Promise.resolve();
  jest.advanceTimersByTime(1_000);
  expect(await failureOf(answer)).toMatchObject({ code: "STATEMENT_TIMEOUT" });
});
