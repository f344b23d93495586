import { expect, spyOn, test } from "bun:test";
import fc from "fast-check";
import { createMessageCutter, type Segment } from "../../../../src/adapters/postgres/bulk/message-cutter.ts";
import type { FraiseqlError } from "../../../../src/core/errors.ts";
import { ANSWER, int32, ready, row, rowDescription, serverMessage } from "./server-messages.ts";

/** What comes out of these chunks, rows that follow each other in one piece. */
function cut(chunks: readonly Buffer[]): { type: string; bytes: string }[] {
  const found: { type: string; bytes: string }[] = [];
  const push = createMessageCutter(({ type, bytes }: Segment) => {
    const last = found.at(-1);
    const segment = { type: String.fromCharCode(type), bytes: bytes.toString("latin1") };
    if (segment.type === "D" && last?.type === "D") last.bytes += segment.bytes;
    else found.push(segment);
  });
  for (const chunk of chunks) push(chunk);
  return found;
}

const chunksOf = (whole: Buffer, cuts: readonly number[]): Buffer[] => {
  const places = [0, ...cuts.map((cut) => cut % whole.length).sort((a, b) => a - b), whole.length];
  return places.slice(1).map((end, index) => whole.subarray(places[index], end));
};

test("rows stay whole messages and lie together; of all else only the body is given", () => {
  const rows = [row("1", "one"), row("2", null)];
  expect(cut([Buffer.concat([rowDescription(["a", "b"]), ...rows, ready])])).toEqual([
    { type: "T", bytes: rowDescription(["a", "b"]).toString("latin1", 5) },
    { type: "D", bytes: Buffer.concat(rows).toString("latin1") },
    { type: "Z", bytes: "I" },
  ]);
});

test("it makes no difference where the chunks end", () => {
  const message = fc.oneof(
    fc.tuple(fc.string({ maxLength: 40 }), fc.option(fc.string({ maxLength: 3_000 }))).map((values) => row(...values)),
    fc.string({ maxLength: 200 }).map((text) => serverMessage("N", Buffer.from(text))),
  );
  fc.assert(
    fc.property(fc.array(message, { maxLength: 20 }), fc.array(fc.nat(), { maxLength: 12 }), (messages, cuts) => {
      const whole = Buffer.concat([rowDescription(["a", "b"]), ...messages, ready]);
      expect(cut(chunksOf(whole, cuts))).toEqual(cut([whole]));
    }),
  );
  const answer = Buffer.concat(ANSWER);
  expect(cut([...answer].map((byte) => Buffer.from([byte])))).toEqual(cut([answer]));
});

test.each([
  ["a row before any description", [row("1")], "DATABASE_UNAVAILABLE"],
  ["a row with too few values", [rowDescription(["a", "b"]), row("1")], "DATABASE_UNAVAILABLE"],
  ["a row without a head", [rowDescription([]), serverMessage("D")], "DATABASE_UNAVAILABLE"],
  ["a length that does not count itself", [serverMessage("N", Buffer.alloc(9), 3)], "DATABASE_UNAVAILABLE"],
  ["a negative length", [serverMessage("D", Buffer.alloc(9), -1)], "DATABASE_ERROR"],
  ["a message of a gibibyte", [serverMessage("N", Buffer.alloc(9), 2 ** 30)], "DATABASE_UNAVAILABLE"],
  ["a row of a gibibyte", [serverMessage("D", Buffer.alloc(9), 2 ** 30)], "DATABASE_ERROR"],
  ["an answer of another protocol", [Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n")], "DATABASE_UNAVAILABLE"],
])("%s is refused, in one chunk and byte by byte", (_what, messages, code) => {
  const whole = Buffer.concat(messages);
  for (const chunks of [[whole], [...whole].map((byte) => Buffer.from([byte]))]) {
    let failure: unknown;
    try {
      cut(chunks);
    } catch (error) {
      failure = error;
    }
    expect((failure as FraiseqlError | undefined)?.code as string | undefined).toBe(code);
  }
});

test("an announced length takes no memory before its bytes have come", () => {
  const announced = Buffer.concat([Buffer.from("D"), int32(60 * 2 ** 20), Buffer.alloc(10_000)]);
  const allocate = spyOn(Buffer, "allocUnsafe");
  createMessageCutter(() => undefined)(announced);
  const sizes = allocate.mock.calls.map(([size]) => size);
  allocate.mockRestore();
  expect(sizes.length).toBeGreaterThan(0);
  expect(Math.max(...sizes)).toBeLessThan(30_000);
});

test("a row of megabytes is put together from its chunks", () => {
  const whole = Buffer.concat([rowDescription(["a", "b"]), row("big", "z".repeat(5_000_000)), row("2", null)]);
  const chunks = Array.from({ length: Math.ceil(whole.length / 8_192) }, (_, index) =>
    whole.subarray(index * 8_192, (index + 1) * 8_192),
  );
  expect(cut(chunks)).toEqual(cut([whole]));
});
