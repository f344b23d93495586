import { expect, test } from "bun:test";
import { message } from "../../../src/adapters/postgres/connection/wire-messages.ts";
import { createReader } from "../../../src/adapters/postgres/connection/wire-reader.ts";

/** What a reader of messages of at most 20 bytes makes of them when they come in pieces. */
function read(bytes: Buffer, pieces: number): readonly string[] {
  const seen: string[] = [];
  const reader = createReader(
    (type, body, start, end) => seen.push(`${String.fromCharCode(type)} ${body.toString("latin1", start, end)}`),
    20,
    ({ code }) => seen.push(code),
  );
  for (let at = 0; at < bytes.length; at += pieces) reader(Buffer.from(bytes.subarray(at, at + pieces)));
  return seen;
}

test("a message that is too long is passed over, and those around it are read, in pieces of any length", () => {
  const long = "x".repeat(40);
  const bytes = Buffer.concat([
    message("D", "a"),
    message("D", long),
    message("C", "b"),
    message("D", long),
    message("Z", ""),
  ]);
  for (let pieces = 1; pieces <= bytes.length; pieces += 1) {
    expect(read(bytes, pieces)).toEqual(["D a", "RESPONSE_LIMIT", "C b", "RESPONSE_LIMIT", "Z "]);
  }
});

test("where that is an error nothing more is read", () => {
  const seen: number[] = [];
  const reader = createReader(
    (type) => seen.push(type),
    20,
    (error) => {
      throw error;
    },
  );
  const bytes = Buffer.concat([message("D", "a"), message("D", "x".repeat(40)), message("C", "b")]);
  expect(() => reader(bytes)).toThrow("The answer is longer than 20 bytes; ask for less.");
  expect(seen).toEqual([0x44]);
});
