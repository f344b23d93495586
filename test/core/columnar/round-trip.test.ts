import { expect, test } from "bun:test";
import fc from "fast-check";
import { asRead, tablesOf } from "./arbitrary-table.ts";
import { column, encode } from "./encode.ts";
import { readApacheArrow } from "./read-apache-arrow.ts";
import { readFlechette } from "./read-flechette.ts";

test("random tables of every type are read by apache-arrow and flechette as PostgreSQL sent them", () => {
  fc.assert(
    fc.property(tablesOf(), fc.constantFrom(1, 7, 2_048), ({ columns, rows }, batchRows) => {
      const stream = encode(columns, rows, { batchRows });
      const expected = rows.map((row) => row.map((value, index) => asRead(columns[index]!, value)));
      const reference = readApacheArrow(stream);
      expect(reference.names).toEqual(columns.map(({ name }) => name));
      expect(reference.rows).toEqual(expected);
      expect(
        reference.batches.every((count, index) => count === batchRows || index === reference.batches.length - 1),
      ).toBe(true);
      const flechette = readFlechette(stream);
      expect(flechette.rows).toEqual(expected);
      expect(flechette.batches).toEqual(reference.batches);
    }),
    { numRuns: 300 },
  );
});

test("nulls among many values stand where they were, at the edges of a block and of a batch too", () => {
  const columns = [
    column("small", { kind: "int", bits: 32 }),
    column("big", { kind: "int", bits: 64 }),
    column("double", { kind: "float", bits: 64 }),
    column("at", { kind: "timestamp", zoned: true }),
    column("text", { kind: "utf8" }),
  ];
  // The first null of each batch is where values begin to be marked one by one.
  const nulls = new Set([127, 128, 511, 512, 1_023, 1_600, 2_048, 2_600, 4_499]);
  const rows = Array.from({ length: 4_500 }, (_, row) =>
    columns.map((_, index) => (nulls.has(row - index) ? null : String(row))),
  );
  for (const batchRows of [100, 128, 1_500, 2_048, 10_000]) {
    const read = readApacheArrow(encode(columns, rows, { batchRows }));
    expect(read.rows).toEqual(rows);
    expect(read.batches[0]).toBe(Math.min(batchRows, rows.length));
  }
});
