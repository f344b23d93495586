/** What has to hold from one batch to the next. */
import { describe, expect, test } from "bun:test";
import type { Column } from "../../../src/core/columnar/column.ts";
import { createTableEncoder } from "../../../src/core/columnar/table-encoder.ts";
import { column, encode } from "./encode.ts";
import type { Logical } from "./logical.ts";
import { readApacheArrow } from "./read-apache-arrow.ts";
import { readFlechette } from "./read-flechette.ts";
import { dataRow } from "./wire-rows.ts";

type Rows = readonly (readonly Logical[])[];

function expectRead(columns: readonly Column[], rows: Rows, batchRows?: number): void {
  const stream = encode(columns, rows, batchRows === undefined ? {} : { batchRows });
  expect(readApacheArrow(stream).rows).toEqual(rows);
  expect(readFlechette(stream).rows).toEqual(rows);
}

/** A value for row `row` of each type that keeps state between rows. */
const KEEPERS: readonly (readonly [Column, (row: number) => Logical])[] = [
  [column("bool", { kind: "bool" }), (row) => row % 3 === 0],
  [column("int2", { kind: "int", bits: 16 }), (row) => String(row)],
  [column("int8", { kind: "int", bits: 64 }), (row) => String(-row)],
  [column("text", { kind: "utf8" }), (row) => "x".repeat(row % 130)],
  [column("bytes", { kind: "bytes" }), (row) => "0f".repeat(row % 70)],
  [column("uuid", { kind: "uuid" }), (row) => row.toString(16).padStart(32, "0")],
  [column("decimal", { kind: "decimal", precision: 40, scale: 3 }), (row) => String(10n ** 30n + BigInt(row))],
  [column("mood", { kind: "dictionary", labels: ["a", "b"], names: ["A", "B"] }), (row) => (row % 2 === 0 ? "A" : "B")],
  [
    column("list", { kind: "list", item: column("element", { kind: "int", bits: 32 }), nullIsEmpty: false }),
    (row) => Array.from({ length: row % 3 }, (_, index) => (index === 1 ? null : String(row))),
  ],
  [
    column("struct", { kind: "struct", fields: [column("a", { kind: "bool" }), column("b", { kind: "utf8" })] }),
    (row) => [row % 5 === 0 ? null : row % 2 === 0, row % 7 === 0 ? null : `b${row}`],
  ],
];

const COLUMNS = KEEPERS.map(([each]) => each);
const rowsWhere = (count: number, isNull: (row: number, column: number) => boolean): Rows =>
  Array.from({ length: count }, (_, row) =>
    KEEPERS.map(([, value], index) => (isNull(row, index) ? null : value(row))),
  );

const LIMITS = { rowsMax: 700, bytesMax: 20_000 };

/** The batches of rows that come in pieces of so many. */
function batchesOf(columns: readonly Column[], rows: Rows, pieceRows: number): readonly string[] {
  const encoder = createTableEncoder(columns);
  const batches: string[] = [];
  for (let from = 0; from < rows.length; from += pieceRows) {
    const piece = Buffer.concat(rows.slice(from, from + pieceRows).map((row) => dataRow(columns, row)));
    for (let at = 0; at < piece.length; ) {
      at = encoder.append(piece, at, LIMITS);
      if (encoder.isFull(LIMITS)) batches.push(`${encoder.rows()} ${Buffer.from(encoder.take()).toString("base64")}`);
    }
  }
  return batches;
}

/** Null as a whole it takes four bytes on the wire, and as a column 320. */
const WIDE_STRUCT = column("struct", {
  kind: "struct",
  fields: Array.from({ length: 20 }, (_, index) => column(`u${index}`, { kind: "uuid" })),
});

test.each([
  ["by their bytes on the wire", COLUMNS, rowsWhere(3_000, (row, index) => (row + index) % 11 === 0)],
  ["by what nulls take beside one another", [WIDE_STRUCT], Array.from({ length: 3_000 }, () => [null])],
  ["by their number", [COLUMNS[0] as Column], Array.from({ length: 3_000 }, (_, row) => [row % 2 === 0])],
] as const)("batches that are ended %s are the same whatever the pieces in which rows come", (_how, columns, rows) => {
  const whole = batchesOf(columns, rows, rows.length);
  expect(whole.length).toBeGreaterThan(3);
  for (const pieceRows of [1, 3, 100, 129, 1_000]) expect(batchesOf(columns, rows, pieceRows)).toEqual(whole);
});

describe("batches of one stream", () => {
  for (const count of [1, 2, 7, 8, 9, 255, 256, 2_047, 2_048, 2_049, 5_000]) {
    test(`${count} rows fill batches of 2,048`, () => {
      expectRead(
        COLUMNS,
        rowsWhere(count, (row, index) => (row + index) % 11 === 0),
        2_048,
      );
    });
  }

  test("nulls in one batch leave nothing behind in the next", () => {
    const isNull = (row: number) => Math.floor(row / 20) % 2 === 0 && row % 3 !== 1;
    expectRead(COLUMNS, rowsWhere(200, isNull), 20);
    expectRead(
      COLUMNS,
      rowsWhere(200, (row) => !isNull(row)),
      20,
    );
  });

  test("a batch of nulls only stands between batches without any", () => {
    expectRead(
      COLUMNS,
      rowsWhere(300, (row) => row >= 100 && row < 200),
      100,
    );
  });

  test("the first null comes at every place of a bitmap", () => {
    for (let first = 0; first < 20; first += 1)
      expectRead(
        COLUMNS,
        rowsWhere(20, (row) => row === first),
      );
    for (let first = 0; first < 20; first += 1)
      expectRead(
        COLUMNS,
        rowsWhere(20, (row) => row >= first),
      );
  });

  test("batches of different sizes follow each other", () => {
    for (const size of [1, 3, 7, 8, 9, 64])
      expectRead(
        COLUMNS,
        rowsWhere(100, (row) => row % 4 === 3),
        size,
      );
  });

  test("a value of a megabyte and many short ones fit into one batch", () => {
    const texts = column("t", { kind: "utf8" });
    const rows = Array.from({ length: 3_000 }, (_, row) => [row === 1_500 ? "ü".repeat(500_000) : "s"]);
    expectRead([texts], rows, 2_048);
  });
});

describe("nesting", () => {
  const integer = column("n", { kind: "int", bits: 32 });
  const list = (item: Column): Column => column("element", { kind: "list", item, nullIsEmpty: false });

  test("lists of lists to depth 4 keep nulls and empties at every depth apart", () => {
    const deep = list(list(list(list(integer))));
    const rows: Rows = [
      [[[[["1", null], []], [], null], null, []]],
      [null],
      [[]],
      [[null, [null], [[null]], [[[null]]]]],
      [[[[["2"]]]]],
    ];
    expectRead([deep], rows);
    expectRead([deep], rows, 1);
  });

  test("a batch in which every list is empty has elements neither before nor after", () => {
    const lists = list(column("s", { kind: "struct", fields: [integer, column("t", { kind: "utf8" })] }));
    const full: Rows = [
      [
        [
          ["1", "a"],
          ["2", null],
        ],
      ],
      [[["3", "c"]]],
    ];
    expectRead([lists], [...full, [[]], [[]], ...full], 2);
  });

  test("a null record has fields that count but mean nothing, non-null ones included", () => {
    const strict = (name: string, type: Column["type"]): Column => column(name, type, false);
    const fields = [
      strict("i", { kind: "int", bits: 64 }),
      strict("b", { kind: "bool" }),
      strict("t", { kind: "utf8" }),
      strict("d", { kind: "decimal", precision: 5, scale: 1 }),
      strict("m", { kind: "dictionary", labels: ["a"], names: ["A"] }),
      strict("l", { kind: "list", item: integer, nullIsEmpty: true }),
      strict("s", { kind: "struct", fields: [integer] }),
    ];
    const value: Logical = ["5", true, "t", "-7", "A", ["1", null], ["9"]];
    expectRead([column("r", { kind: "struct", fields })], [[value], [null], [null], [value], [null]], 2);
    expectRead([list(column("r", { kind: "struct", fields }))], [[[value, null]], [null], [[null, value]]]);
  });

  test("inner arrays of one array stand one after the other", () => {
    // 2 × 2 elements of four bytes, as array_send writes {{1,2},{3,NULL}}.
    const words = [2, 1, 23, 2, 1, 2, 1, 4, 1, 4, 2, 4, 3, -1];
    const value = Buffer.alloc(words.length * 4);
    words.forEach((word, index) => {
      value.writeInt32BE(word, index * 4);
    });
    const row = Buffer.alloc(11);
    row.write("D");
    row.writeInt32BE(10 + value.length, 1);
    row.writeInt16BE(1, 5);
    row.writeInt32BE(value.length, 7);
    const stream = encode([list(integer)], [], { wire: Buffer.concat([row, value]) });
    expect(readApacheArrow(stream).rows).toEqual([[["1", "2", "3", null]]]);
  });
});
