/** Long lists one after the other, and none held up by another for long. */
import { expect, test } from "bun:test";
import { createListTurns, type Turn } from "../../src/flows/answers/list-turns.ts";

const HOUR_MS = 3_600_000;

/** Whose turn it was, in order. */
function turnsOf(turnMs: number) {
  const turns = createListTurns(turnMs);
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
  await Promise.resolve();
  expect(order).toEqual(["first"]);
  first.end();
  // A turn ends once, however often that is said.
  first.end();
  const next = await second;
  await Promise.resolve();
  expect(order).toEqual(["first", "second"]);
  next.end();
  (await third).end();
  (await take("fourth")).end();
  expect(order).toEqual(["first", "second", "third", "fourth"]);
});

test("a list that takes long gives up its turn by itself, and ends nobody else's later", async () => {
  const { order, take } = turnsOf(1);
  const slow = await take("slow");
  await take("next");
  expect(order).toEqual(["slow", "next"]);
  slow.end();
  const third = take("third");
  await Promise.resolve();
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
