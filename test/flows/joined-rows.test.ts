/** Where the chunks end that rows of text are joined to. */
import { expect, test } from "bun:test";
import { type Joining, joinedRows } from "../../src/flows/exports/joined-rows.ts";
import type { BulkResult } from "../../src/ports/bulk-reader.ts";

/** A `DataRow` with one value. */
function dataRow(text: string): Buffer {
  const value = Buffer.from(text);
  const row = Buffer.alloc(11 + value.length);
  row.write("D");
  row.writeInt32BE(row.length - 1, 1);
  row.writeInt16BE(1, 5);
  row.writeInt32BE(value.length, 7);
  value.copy(row, 11);
  return row;
}

const ROWS = Array.from({ length: 20_000 }, (_, index) => `${index} ${"x".repeat((index * 7919) % 40)}`);
const LINES: Joining = {
  head: Buffer.from("head\n"),
  between: Buffer.from("\n"),
  tail: () => Buffer.from("\nend"),
  check: () => {},
};

/** Comes in pieces of so many rows, each of which is overwritten by the next. */
function resultOf(rows: readonly string[], pieceRows: (piece: number) => number): BulkResult {
  let at = 0;
  let piece = 0;
  let last: Buffer | undefined;
  return {
    columns: [],
    read: async () => {
      last?.fill(0);
      const count = pieceRows(piece++);
      const some = rows.slice(at, at + count);
      at += count;
      last = some.length > 0 ? Buffer.concat(some.map(dataRow)) : undefined;
      return last;
    },
    close: async () => {},
  };
}

async function chunksOf(rows: readonly string[], pieceRows: (piece: number) => number): Promise<string[]> {
  const chunks: string[] = [];
  for await (const { bytes } of joinedRows(resultOf(rows, pieceRows), LINES))
    chunks.push(Buffer.from(bytes).toString());
  return chunks;
}

test("chunks end with the same row whatever the pieces in which rows come", async () => {
  const whole = await chunksOf(ROWS, () => ROWS.length);
  expect(whole.join("")).toBe(`head\n${ROWS.join("\n")}\nend`);
  expect(whole.length).toBeGreaterThan(3);
  for (const pieceRows of [() => 1, () => 333, (piece: number) => 1 + ((piece * 7919) % 900)]) {
    expect(await chunksOf(ROWS, pieceRows)).toEqual(whole);
  }
});

test("a row that is longer than a chunk is in one", async () => {
  const long = "y".repeat(400_000);
  const chunks = await chunksOf(["a", long, "b", "c"], () => 2);
  expect(chunks.join("")).toBe(`head\na\n${long}\nb\nc\nend`);
  expect(chunks[0]).toBe(`head\na\n${long}`);
});
