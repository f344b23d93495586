/** When the server gives back what long answers left in memory. */
import { expect, test } from "bun:test";
import { createGarbageCollection } from "../../routes/garbage-collection.ts";

/** A runtime that holds so many bytes, whose clock goes on when it is told to. */
function runtime(heldBytes: number) {
  const waiting: (() => void)[] = [];
  const delays: number[] = [];
  let collections = 0;
  const longAnswer = createGarbageCollection({
    heldBytes: () => heldBytes,
    collect: () => {
      collections += 1;
    },
    after: (milliseconds, work) => {
      delays.push(milliseconds);
      waiting.push(work);
    },
  });
  return { longAnswer, delays, collections: () => collections, timeIsUp: () => waiting.shift()?.() };
}

const MEBIBYTE = 1_048_576;

test("half a second after the last of some long answers, what they left is collected once", () => {
  const { longAnswer, delays, collections, timeIsUp } = runtime(20 * MEBIBYTE);
  for (let count = 0; count < 5; count += 1) longAnswer();
  expect(delays).toEqual([500]);
  longAnswer();
  timeIsUp();
  expect([delays, collections()]).toEqual([[500, 500], 0]);
  timeIsUp();
  expect(collections()).toBe(1);
  timeIsUp();
  expect(collections()).toBe(1);
});

test("the next long answer is waited for anew", () => {
  const { longAnswer, collections, timeIsUp } = runtime(20 * MEBIBYTE);
  for (const wanted of [1, 2]) {
    longAnswer();
    timeIsUp();
    timeIsUp();
    expect(collections()).toBe(wanted);
  }
});

test("where little is held nothing is collected", () => {
  const { longAnswer, collections, timeIsUp } = runtime(4 * MEBIBYTE);
  longAnswer();
  timeIsUp();
  timeIsUp();
  expect(collections()).toBe(0);
});
