import { expect, test } from "bun:test";
import fc from "fast-check";
import { asRead, tablesOf } from "./arbitrary-table.ts";
import { encode } from "./encode.ts";
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

test("the generated loop and the plain one write the same bytes", () => {
  fc.assert(
    fc.property(tablesOf(), fc.constantFrom(1, 7, 2_048), ({ columns, rows }, batchRows) => {
      const generated = encode(columns, rows, { batchRows, generateCode: true });
      expect(Buffer.compare(generated, encode(columns, rows, { batchRows, generateCode: false }))).toBe(0);
    }),
    { numRuns: 100 },
  );
});
