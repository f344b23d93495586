import { expect, test } from "bun:test";
import { createPace, type Pace } from "../../../src/adapters/postgres/pace.ts";

function after(runs: readonly (readonly [milliseconds: number, reads: number])[]): Pace {
  const pace = createPace();
  for (const [milliseconds, reads] of runs) {
    pace.enterAnyway();
    pace.leave(milliseconds, reads);
  }
  return pace;
}
const runs = (count: number, milliseconds: number, reads = 1) =>
  Array.from({ length: count }, () => [milliseconds, reads] as const);

test("a text is quick once enough runs of it were, and not when they become slow", () => {
  expect(after(runs(19, 1)).isQuick()).toBe(false);
  expect(after(runs(20, 1)).isQuick()).toBe(true);
  expect(after(runs(20, 5)).isQuick()).toBe(false);
  expect(after([...runs(20, 1), ...runs(30, 9)]).isQuick()).toBe(false);
});

test("where merging makes each read slower it ends", () => {
  expect(after([...runs(20, 1), ...runs(5, 6, 6)]).isQuick()).toBe(true);
  expect(after([...runs(20, 1), ...runs(5, 12, 6)]).isQuick()).toBe(false);
});

test("a failure says nothing of the pace", () => {
  expect(after([...runs(20, 1), ...runs(30, 0, 0)]).isQuick()).toBe(true);
  expect(after(runs(30, 0, 0)).isQuick()).toBe(false);
});

test("who waits gets the place of the next that leaves, also where more run than there are places", async () => {
  const pace = createPace();
  while (pace.enter());
  pace.enterAnyway();
  const order: string[] = [];
  const waiting = ["first", "second"].map((name) => pace.next().then(() => order.push(name)));
  expect(pace.waiting()).toBe(2);
  pace.leave(1, 1);
  await waiting[0];
  expect(order).toEqual(["first"]);
  pace.leave(1, 1);
  await waiting[1];
  pace.leave(1, 1);
  expect(pace.enter()).toBe(false);
  pace.leave(1, 1);
  expect(pace.enter()).toBe(true);
});
