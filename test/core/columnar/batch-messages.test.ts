/** Batches of the same columns, whose metadata are copied from the first, are what each would be by itself. */
import { expect, test } from "bun:test";
import { createBatchMessages } from "../../../src/core/columnar/batch-messages.ts";
import { type BatchParts, recordBatchMessage } from "../../../src/core/columnar/message.ts";

const bytes = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value);
const parts = (rows: number, ...columns: readonly (readonly [nulls: number, buffers: readonly Uint8Array[]])[]) =>
  ({
    rows,
    nodes: columns.map(([nullCount]) => ({ length: rows, nullCount })),
    buffers: columns.flatMap(([, buffers]) => buffers),
  }) satisfies BatchParts;

const TWO_COLUMNS: readonly BatchParts[] = [
  parts(3, [0, [bytes(0, 0), bytes(12, 1)]], [1, [bytes(1, 5), bytes(16, 2), bytes(9, 3)]]),
  parts(100, [7, [bytes(13, 4), bytes(400, 5)]], [0, [bytes(0, 0), bytes(404, 6), bytes(70_000, 7)]]),
  parts(1, [1, [bytes(1, 0), bytes(4, 0)]], [1, [bytes(1, 0), bytes(8, 0), bytes(0, 0)]]),
  parts(3, [0, [bytes(0, 0), bytes(12, 1)]], [1, [bytes(1, 5), bytes(16, 2), bytes(9, 3)]]),
];

test("each batch is the message that is built for it alone, whatever stood in the one before", () => {
  const messageOf = createBatchMessages();
  for (const batch of TWO_COLUMNS) expect(messageOf(batch)).toEqual(recordBatchMessage(batch));
});

test("the numbers of a batch need more than 32 bits", () => {
  const messageOf = createBatchMessages();
  const rows = 2 ** 40 + 5;
  for (const batch of [parts(1, [0, []]), parts(rows, [2 ** 33, []])]) {
    expect(messageOf(batch)).toEqual(recordBatchMessage(batch));
  }
});

test("a batch that was given stays as it is when the next is made", () => {
  const messageOf = createBatchMessages();
  const [first, second] = TWO_COLUMNS as [BatchParts, BatchParts];
  messageOf(second);
  const given = messageOf(first);
  const before = given.slice();
  messageOf(second);
  expect(given).toEqual(before);
});

test("tables with other columns each have metadata of their own", () => {
  const [one, other] = [createBatchMessages(), createBatchMessages()];
  const narrow = parts(2, [0, [bytes(0, 0), bytes(8, 1)]]);
  for (const batch of TWO_COLUMNS) {
    expect(one(batch)).toEqual(recordBatchMessage(batch));
    expect(other(narrow)).toEqual(recordBatchMessage(narrow));
  }
});
