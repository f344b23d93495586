import { expect, test } from "bun:test";
import { createSegmentQueue, type SegmentQueue } from "../../../../src/adapters/postgres/bulk/segment-queue.ts";
import { bound, complete, notice, parsed, row, rowDescription } from "./server-messages.ts";

const withFlow = () => {
  const flow: string[] = [];
  const freed: ArrayBufferLike[] = [];
  const queue = createSegmentQueue({
    pause: () => flow.push("pause"),
    resume: () => flow.push("resume"),
    free: (memory) => freed.push(memory),
  });
  return { queue, flow, freed };
};
const DESCRIPTION = rowDescription(["a"]);
const kilobyte = row("x".repeat(1_013));

/** Takes everything that has come. */
async function drain(queue: SegmentQueue, count: number): Promise<number> {
  let bytes = 0;
  while (bytes < count) bytes += (await queue.next()).bytes.length;
  return bytes;
}

test("the wire is paused above half a mebibyte, and resumed below half of it", async () => {
  const { queue, flow } = withFlow();
  queue.push(DESCRIPTION);
  await queue.next();
  let pushed = 0;
  for (; flow.length === 0; pushed += 1) queue.push(kilobyte);
  expect([flow, pushed]).toEqual([["pause"], expect.any(Number)]);
  expect(pushed).toBeWithin(450, 515);
  const rest = pushed * kilobyte.length;
  let taken = 0;
  while (flow.length === 1) taken += (await queue.next()).bytes.length;
  expect(flow).toEqual(["pause", "resume"]);
  expect(rest - taken).toBeWithin(75_000, 265_000);
  expect(await drain(queue, rest - taken)).toBe(rest - taken);
});

test("a flood of messages without a body is paused too", () => {
  const { queue, flow } = withFlow();
  const many = Buffer.concat(Array.from({ length: 1_000 }, () => parsed));
  for (let count = 0; flow.length === 0 && count < 100; count += 1) queue.push(many);
  expect(flow).toEqual(["pause"]);
});

test("a few bytes do not keep the chunk alive they came in", () => {
  const { queue } = withFlow();
  const before = process.memoryUsage().arrayBuffers;
  for (let count = 0; count < 500; count += 1) {
    queue.push(Buffer.concat([notice("x".repeat(60_000)), complete]));
  }
  Bun.gc(true);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(3 * 2 ** 20);
});

test("a large chunk is freed when its rows were read or copied, and neither before that nor where other bytes still lie in it", async () => {
  const { queue, freed } = withFlow();
  queue.push(DESCRIPTION);
  await queue.next();
  const [alone, one, another] = ["a", "b", "c"].map((letter) => ownMemory(row(letter.repeat(70_000))));
  const small = ownMemory(row("d".repeat(60_000)));
  const half = ownMemory(
    Buffer.concat([row("e".repeat(70_000)), row("f".repeat(70_000)), notice("g".repeat(140_100))]),
  );
  queue.push(alone as Buffer);
  const rows = await queue.next();
  expect([rows.bytes.buffer === alone?.buffer, freed]).toEqual([true, []]);
  queue.push(one as Buffer);
  queue.push(another as Buffer);
  expect((await queue.next()).bytes.toString()).toEndWith("c");
  expect(freed).toEqual([alone?.buffer, one?.buffer, another?.buffer] as ArrayBufferLike[]);
  queue.push(small);
  await queue.next();
  queue.push(half);
  await queue.next();
  queue.push(complete);
  await queue.next();
  expect(freed).toHaveLength(3);
});

/** As a socket gives it: alone in its memory. */
function ownMemory(bytes: Buffer): Buffer {
  const own = Buffer.from(new ArrayBuffer(bytes.length));
  bytes.copy(own);
  return own;
}

test("rows that have come in many chunks are given in one piece, others by themselves", async () => {
  const { queue } = withFlow();
  for (const chunk of [bound, DESCRIPTION, row("1"), row("2"), notice("by the way"), row("3"), complete])
    queue.push(chunk);
  const types = [];
  for (let count = 0; count < 4; count += 1) {
    const { type, bytes } = await queue.next();
    types.push(`${String.fromCharCode(type)} ${bytes.length}`);
  }
  expect(types).toEqual(["2 0", `T ${DESCRIPTION.length - 5}`, `D ${3 * row("1").length}`, "C 9"]);
});

test("what has come before the end is given before the end is told", async () => {
  const { queue } = withFlow();
  queue.push(bound);
  queue.end(new Error("lost"));
  queue.end(new Error("another reason"));
  expect((await queue.next()).bytes.length).toBe(0);
  await expect(queue.next()).rejects.toThrow("lost");
  await expect(queue.next()).rejects.toThrow("lost");
});

test("a queue that is discarded gives nothing any more, and rejects who waits", async () => {
  const { queue } = withFlow();
  const waiting = queue.next();
  queue.discard(new Error("no longer wanted"));
  queue.push(bound);
  await expect(waiting).rejects.toThrow("no longer wanted");
  await expect(queue.next()).rejects.toThrow("no longer wanted");
});

test("two that wait at the same time are a fault of the caller", async () => {
  const { queue } = withFlow();
  const first = queue.next();
  expect(() => queue.next()).toThrow("one reader");
  queue.push(bound);
  expect((await first).type).toBe(0x32);
});
