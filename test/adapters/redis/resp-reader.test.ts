import { expect, test } from "bun:test";
import { RedisFailure, type RedisReply } from "../../../src/adapters/redis/redis-scripts.ts";
import { ProtocolBroken, RespReader } from "../../../src/adapters/redis/tcp/resp-reader.ts";

const STREAM = Buffer.from(
  "+OK\r\n:-42\r\n$-1\r\n$0\r\n\r\n$8\r\na\r\né\r\nb\r\n-OOM command not allowed\r\n*-1\r\n*0\r\n*3\r\n$1\r\nx\r\n:1\r\n*1\r\n$-1\r\n",
);
const REPLIES: RedisReply[] = ["OK", -42, null, "", "a\r\né\r\nb", "OOM", null, [], ["x", 1, [null]]];

function read(chunks: readonly Buffer[], max = Number.MAX_SAFE_INTEGER): RedisReply[] {
  const replies: RedisReply[] = [];
  const take = (reply: RedisReply) => replies.push(reply instanceof RedisFailure ? reply.word : reply);
  const room = { left: max, max };
  const reader = new RespReader("utf8", take, () => room);
  for (const chunk of chunks) reader.feed(chunk);
  return replies;
}

test("replies come out whole, wherever the bytes were cut", () => {
  expect(read([STREAM])).toEqual(REPLIES);
  for (let cut = 1; cut < STREAM.length; cut += 1) {
    expect(read([STREAM.subarray(0, cut), STREAM.subarray(cut)])).toEqual(REPLIES);
  }
  expect(read([...STREAM].map((byte) => Buffer.from([byte])))).toEqual(REPLIES);
});

test("a long answer in many pieces", () => {
  const text = "é".repeat(400_000);
  const reply = Buffer.from(`*2\r\n$${Buffer.byteLength(text)}\r\n${text}\r\n:7\r\n`);
  const pieces = Array.from({ length: Math.ceil(reply.length / 4_096) }, (_, n) =>
    reply.subarray(n * 4_096, (n + 1) * 4_096),
  );
  expect(read(pieces)).toEqual([[text, 7]]);
});

test("bytes that are no replies are refused", () => {
  for (const bytes of [
    "?\r\n",
    ":1x\r\n",
    "$-5\r\n",
    "$999999999999\r\n",
    `${"*1\r\n".repeat(9)}:1\r\n`,
    `+${"x".repeat(70_000)}`,
  ]) {
    expect(() => read([Buffer.from(bytes)])).toThrow(ProtocolBroken);
  }
});

test("a reply for which there is no room is passed over, wherever its bytes were cut, and those after it are read", () => {
  const stream = Buffer.from(`$5\r\nsmall\r\n*3\r\n$1\r\nx\r\n$40\r\n${"y".repeat(40)}\r\n:1\r\n+OK\r\n`);
  const replies = ["small", "ERR", "OK"];
  for (let cut = 0; cut < stream.length; cut += 1) {
    expect(read([stream.subarray(0, cut), stream.subarray(cut)], 35)).toEqual(replies);
  }
  expect(
    read(
      [...stream].map((byte) => Buffer.from([byte])),
      35,
    ),
  ).toEqual(replies);
  expect(read([Buffer.from(`*20\r\n${":1\r\n".repeat(20)}$2\r\nok\r\n`)], 50)).toEqual(["ERR", "ERR"]);
});

test("the work grows with the length of a reply, not with its square", () => {
  const items = Buffer.from(`*500000\r\n${"$5\r\nabcde\r\n".repeat(500_000)}`);
  const text = Buffer.concat([Buffer.from("$50000000\r\n"), Buffer.alloc(50_000_002, 120)]);
  for (const reply of [items, text]) {
    const pieces = Array.from({ length: Math.ceil(reply.length / 4_096) }, (_, n) =>
      reply.subarray(n * 4_096, (n + 1) * 4_096),
    );
    const start = performance.now();
    expect(read(pieces)).toHaveLength(1);
    // In quadratic time it takes minutes.
    expect(performance.now() - start).toBeLessThan(10_000);
  }
});
