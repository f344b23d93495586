/** When a wire lets the server go on without it for a moment. */
import { expect, test } from "bun:test";
import { restingWire } from "../../../../src/adapters/postgres/bulk/resting-wire.ts";
import type { WireEvents } from "../../../../src/adapters/postgres/bulk/wire.ts";
import { parseConnectionUrl } from "../../../../src/adapters/postgres/connection/url.ts";

const SMALL = Buffer.alloc(8_192);
const LARGE = Buffer.alloc(131_072);
const MEBIBYTE = 1_048_576;

/** A wire whose server says what it is told to, and whose rests end when they are told to. */
async function opened(takes: (chunk: Buffer) => void = () => {}) {
  const flow: string[] = [];
  const rests: (() => void)[] = [];
  let server: WireEvents | undefined;
  let received = 0;
  const open = restingWire(
    async (_target, events) => {
      server = events;
      return {
        channel: { isPrivate: true, endPoint: undefined },
        write: () => flow.push("write"),
        pause: () => flow.push("pause"),
        resume: () => flow.push("resume"),
        end: () => flow.push("end"),
        destroy: () => flow.push("destroy"),
      };
    },
    () => new Promise((resolve) => rests.push(resolve)),
  );
  const onData = (chunk: Buffer): void => {
    received += chunk.length;
    takes(chunk);
  };
  const events = { onData, onClosed: () => flow.push("closed") };
  const wire = await open(parseConnectionUrl("postgres://u@localhost/d"), events, new AbortController().signal);
  return {
    wire,
    flow,
    received: () => received,
    says: (chunk: Buffer, bytes: number) => {
      const { length } = chunk;
      for (let left = bytes; left > 0; left -= length) server?.onData(chunk);
    },
    lost: () => server?.onClosed(new Error("lost")),
    wakes: async () => {
      rests.shift()?.();
      await Promise.resolve();
    },
  };
}

test("a large answer in small pieces is read with rests, and all of it arrives", async () => {
  const { flow, received, says, wakes } = await opened();
  says(SMALL, MEBIBYTE);
  expect(flow).toEqual(["pause"]);
  await wakes();
  expect(flow).toEqual(["pause", "resume"]);
  says(SMALL, SMALL.length);
  expect(flow).toEqual(["pause", "resume"]);
  says(LARGE, LARGE.length);
  says(SMALL, SMALL.length);
  expect(flow).toEqual(["pause", "resume", "pause"]);
  expect(received()).toBe(MEBIBYTE + LARGE.length + 2 * SMALL.length);
});

test("a chunk counts in full also where whoever takes it frees its memory at once", async () => {
  const { flow, says, wakes } = await opened((chunk) => (chunk.buffer as ArrayBuffer).transfer(0));
  for (let left = MEBIBYTE; left > 0; left -= SMALL.length) says(Buffer.alloc(SMALL.length), SMALL.length);
  expect(flow).toEqual(["pause"]);
  await wakes();
  for (let left = 65_536; left > 0; left -= SMALL.length) says(Buffer.alloc(SMALL.length), SMALL.length);
  expect(flow).toEqual(["pause", "resume", "pause"]);
});

test("answers of less than a mebibyte are never kept waiting, however many there are", async () => {
  const { wire, flow, says } = await opened();
  for (let answer = 0; answer < 5; answer += 1) {
    wire.write(SMALL);
    says(SMALL, MEBIBYTE - SMALL.length);
  }
  expect(flow).toEqual(["write", "write", "write", "write", "write"]);
});

test("the answer behind a large one is taken for one, and the answer behind that only if it was", async () => {
  const { wire, flow, says, wakes } = await opened();
  says(LARGE, MEBIBYTE);
  wire.write(SMALL);
  says(SMALL, 65_536);
  expect(flow).toEqual(["write", "pause"]);
  await wakes();
  wire.write(SMALL);
  says(SMALL, 65_536);
  expect(flow).toEqual(["write", "pause", "resume", "write"]);
});

test("a wire that never catches up never rests", async () => {
  const { flow, says } = await opened();
  says(LARGE, 64 * MEBIBYTE);
  expect(flow).toEqual([]);
});

test("what the reader paused stays paused after a rest, and a rest goes on after the reader resumed", async () => {
  const { wire, flow, says, wakes } = await opened();
  says(SMALL, MEBIBYTE);
  wire.pause();
  await wakes();
  expect(flow).toEqual(["pause"]);
  wire.resume();
  expect(flow).toEqual(["pause", "resume"]);
  says(SMALL, 65_536);
  wire.pause();
  wire.resume();
  expect(flow).toEqual(["pause", "resume", "pause"]);
  await wakes();
  expect(flow).toEqual(["pause", "resume", "pause", "resume"]);
});

test.each([
  ["destroyed", "destroy"],
  ["lost", "closed"],
] as const)("a wire that is %s during a rest is not woken", async (_how, last) => {
  const { wire, flow, says, lost, wakes } = await opened();
  says(SMALL, MEBIBYTE);
  if (last === "destroy") wire.destroy();
  else lost();
  await wakes();
  expect(flow).toEqual(["pause", last]);
});
