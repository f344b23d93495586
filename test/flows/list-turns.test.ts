/** Long lists one after the other where others ask for something too, and none held up by another for long. */
import { expect, jest, test } from "bun:test";
import { createListTurns, type ListTurnsOptions, type Turn } from "../../src/flows/answers/list-turns.ts";
import { failureOf } from "../support/failure-of.ts";

const HOUR_MS = 3_600_000;

/** By then whoever has his turn says so. */
const settled = async (): Promise<void> => {
  for (let step = 0; step < 10; step += 1) await Promise.resolve();
};

/** Whose turn it was, in order. At any moment a quick request has just come, unless `options` say something else. */
function turnsOf(turnMs: number, options: Partial<ListTurnsOptions> = {}) {
  let count = 0;
  const quickRequests = (): number => ++count;
  const bounds = { quietMs: turnMs, waitersMax: 100, waitMs: HOUR_MS, atOnceMax: 3 };
  const turns = createListTurns({ turnMs, quickRequests, ...bounds, ...options });
  const order: string[] = [];
  const take = async (name: string, signal = new AbortController().signal): Promise<Turn> => {
    const turn = await turns.take(signal);
    order.push(name);
    return turn;
  };
  return { order, take };
}

test("a list begins when the one before ends, in the order in which they came", async () => {
  const { order, take } = turnsOf(HOUR_MS);
  const first = await take("first");
  const [second, third] = [take("second"), take("third")];
  await settled();
  expect(order).toEqual(["first"]);
  first.end();
  // A turn ends once, however often that is said.
  first.end();
  const next = await second;
  await settled();
  expect(order).toEqual(["first", "second"]);
  next.end();
  (await third).end();
  (await take("fourth")).end();
  expect(order).toEqual(["first", "second", "third", "fourth"]);
});

test("where nobody asks for anything else lists go side by side, as many as may, and those that wait begin together", async () => {
  let count = 0;
  const { order, take } = turnsOf(HOUR_MS, { quickRequests: () => count });
  const turns = [await take("first"), await take("second")];
  count += 1;
  const waiting = [take("third"), take("fourth"), take("fifth"), take("sixth")];
  turns[0]?.end();
  await settled();
  expect(order).toEqual(["first", "second"]);
  turns[1]?.end();
  const third = await waiting[0];
  await settled();
  expect(order).toEqual(["first", "second", "third"]);
  // Nobody has asked for anything since the third began.
  third?.end();
  await Promise.all(waiting);
  expect(order).toEqual(["first", "second", "third", "fourth", "fifth", "sixth"]);
  const seventh = take("seventh");
  await settled();
  expect(order).not.toContain("seventh");
  (await waiting[3])?.end();
  await seventh;
});

test("a list that takes long gives up its turn by itself, and ends nobody else's later", async () => {
  const { order, take } = turnsOf(1);
  const slow = await take("slow");
  await take("next");
  expect(order).toEqual(["slow", "next"]);
  slow.end();
  const third = take("third");
  await settled();
  expect(order).toEqual(["slow", "next"]);
  await third;
});

test("who is gone does not wait, and takes nobody's turn", async () => {
  const { order, take } = turnsOf(HOUR_MS);
  const first = await take("first");
  const leaving = new AbortController();
  const gone = take("gone", leaving.signal);
  const third = take("third");
  leaving.abort();
  (await gone).end();
  (await take("gone before", AbortSignal.abort())).end();
  expect(order).toEqual(["first", "gone", "gone before"]);
  first.end();
  (await third).end();
  expect(order).toEqual(["first", "gone", "gone before", "third"]);
});

test("more than may wait are refused at once, until one of those has its turn or leaves", async () => {
  const { order, take } = turnsOf(HOUR_MS, { waitersMax: 2 });
  const busy = { code: "DATABASE_UNAVAILABLE" };
  const first = await take("first");
  const second = take("second");
  const leaving = new AbortController();
  const gone = take("gone", leaving.signal);
  expect(await failureOf(take("too many"))).toMatchObject(busy);
  leaving.abort();
  await gone;
  const third = take("third");
  expect(await failureOf(take("too many again"))).toMatchObject(busy);
  first.end();
  const next = await second;
  const fourth = take("fourth");
  next.end();
  (await third).end();
  (await fourth).end();
  expect(order).toEqual(["first", "gone", "second", "third", "fourth"]);
});

test("who waits too long is refused, and takes nobody's turn", async () => {
  const { order, take } = turnsOf(HOUR_MS, { waitMs: 1 });
  const first = await take("first");
  expect(await failureOf(take("second"))).toMatchObject({ code: "DATABASE_UNAVAILABLE" });
  first.end();
  (await take("third")).end();
  expect(order).toEqual(["first", "third"]);
});

test("a list of which nothing comes gives up its turn, one that goes on keeps it", async () => {
  jest.useFakeTimers();
  try {
    const { order, take } = turnsOf(HOUR_MS, { quietMs: 5 });
    const first = await take("first");
    const second = take("second");
    for (let tick = 0; tick < 100; tick += 1) {
      first.goesOn();
      jest.advanceTimersByTime(5);
      await settled();
    }
    expect(order).toEqual(["first"]);
    jest.advanceTimersByTime(5);
    await second;
    expect(order).toEqual(["first", "second"]);
  } finally {
    jest.useRealTimers();
  }
});

test("lists whose turn is over are on their way as long as they have not ended, and no more are than may be", async () => {
  jest.useFakeTimers();
  try {
    const { order, take } = turnsOf(250, { atOnceMax: 2, quickRequests: () => 0 });
    await take("first");
    const second = await take("second");
    const third = take("third");
    jest.advanceTimersByTime(1_000);
    await settled();
    expect(order).toEqual(["first", "second"]);
    second.end();
    await third;
    expect(order).toEqual(["first", "second", "third"]);
  } finally {
    jest.useRealTimers();
  }
});
