import { expect, test } from "bun:test";
import { type Awaited, createCallerWatch } from "../../../src/adapters/postgres/connection/caller-watch.ts";

const work = (): Awaited => ({ watched: undefined });
const gone = { signal: AbortSignal.abort() };

test("callers that have gone are told in the order they began, and whoever has been answered is not", async () => {
  const watch = createCallerWatch();
  const told: string[] = [];
  const [first, answered, last] = [work(), work(), work()];
  await new Promise<void>((all) => {
    watch.start(first, gone, () => told.push("first"));
    watch.start(answered, gone, () => told.push("answered"));
    watch.start(last, gone, () => {
      told.push("last");
      all();
    });
    watch.end(answered);
  });
  watch.close();
  expect(told).toEqual(["first", "last"]);
});

test("a caller whose work ends as another one leaves is not told any more", async () => {
  const watch = createCallerWatch();
  const told: string[] = [];
  const [first, taken, last] = [work(), work(), work()];
  await new Promise<void>((all) => {
    watch.start(first, gone, () => {
      told.push("first");
      watch.end(first);
      watch.end(taken);
    });
    watch.start(taken, gone, () => told.push("taken"));
    watch.start(last, gone, () => {
      told.push("last");
      all();
    });
  });
  watch.close();
  expect(told).toEqual(["first", "last"]);
});
