import { expect, test } from "bun:test";
import { collected } from "../../src/flows/events/collected.ts";
import { pipe } from "../../src/flows/pipe.ts";

const atOnce = () => Promise.resolve();
/** Lets all run that waits for nothing outside. */
const turn = () => new Promise((resolve) => setImmediate(resolve));
async function all<T>(groups: AsyncIterable<readonly T[]>): Promise<(readonly T[])[]> {
  const found: (readonly T[])[] = [];
  for await (const group of groups) found.push(group);
  return found;
}

test("what is put while the gathering goes on comes in one group, and what comes later in the next", async () => {
  const gathered = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let begun = 0;
  const { put, end, groups } = pipe<number>(10, () => gathered[begun++]?.promise ?? atOnce());
  const found = all(groups);
  put(1);
  await turn();
  expect(begun).toBe(1);
  put(2);
  put(3);
  gathered[0]?.resolve();
  await turn();
  put(4);
  await turn();
  expect(begun).toBe(2);
  gathered[1]?.resolve();
  end();
  expect(await found).toEqual([[1, 2, 3], [4]]);
});

test("a full group waits for nobody, and none is larger than the bound", async () => {
  const never = new Promise<void>(() => {});
  const { put, end, groups } = pipe<number>(2, () => never);
  for (const item of [1, 2, 3, 4]) put(item);
  end();
  expect(await all(groups)).toEqual([
    [1, 2],
    [3, 4],
  ]);
});

test("what was put before a failure comes out, then the failure is thrown", async () => {
  const { put, end, groups } = pipe<number>(10, atOnce);
  put(1);
  end({ error: new Error("the source broke") });
  const reading = groups[Symbol.asyncIterator]();
  expect((await reading.next()).value).toEqual([1]);
  await expect(reading.next()).rejects.toThrow("the source broke");
});

test("a reader that waits hears of the end", async () => {
  const { end, groups } = pipe<number>(10, atOnce);
  const found = all(groups);
  await turn();
  end();
  expect(await found).toEqual([]);
});

test("a source that gives one by one, and then fails, is read ahead in groups and fails its reader", async () => {
  const source = (async function* () {
    yield* [1, 2, 3];
    throw new Error("the bus is away");
  })();
  const reading = collected(source, 10, async () => void (await turn()))[Symbol.asyncIterator]();
  expect((await reading.next()).value).toEqual([1, 2, 3]);
  await expect(reading.next()).rejects.toThrow("the bus is away");
});
