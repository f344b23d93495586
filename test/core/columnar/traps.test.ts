/** Faults of other implementations, and of ours if it were careless. */
import { describe, expect, test } from "bun:test";
import { MessageHeader, MessageReader } from "apache-arrow";
import type { Column, ColumnType } from "../../../src/core/columnar/column.ts";
import { END_OF_STREAM } from "../../../src/core/columnar/message.ts";
import { FraiseqlError } from "../../../src/core/errors.ts";
import { column, encode, encodeMessages } from "./encode.ts";
import type { Logical } from "./logical.ts";
import { readApacheArrow } from "./read-apache-arrow.ts";
import { readFlechette } from "./read-flechette.ts";

const mood: ColumnType = { kind: "dictionary", labels: ["sad", "ok"], names: ["SAD", "OK"] };
const integer: ColumnType = { kind: "int", bits: 32 };

describe("a stream that is cut off", () => {
  const messages = encodeMessages(
    [column("n", integer), column("m", mood)],
    Array.from({ length: 10 }, (_, row) => [String(row), "OK"]),
    { batchRows: 2 },
  );

  test("at a message boundary looks whole to both readers: only the end marker tells", () => {
    const cut = Buffer.concat(messages.slice(0, 4));
    expect(readApacheArrow(cut).rows).toHaveLength(4);
    expect(readFlechette(cut).rows).toHaveLength(4);
  });

  test("ends with the end marker at no message boundary but the last", () => {
    for (let count = 1; count < messages.length; count += 1) {
      expect(messages[count - 1]?.subarray(-8)).not.toEqual(END_OF_STREAM);
    }
    expect(messages.at(-1)).toEqual(END_OF_STREAM);
  });
});

describe("dictionaries", () => {
  test("come whole before the first batch, once, whatever the rows hold, and never grow", () => {
    const nested = column("l", { kind: "list", item: column("element", mood), nullIsEmpty: false });
    const columns = [column("a", mood), nested, column("s", { kind: "struct", fields: [column("b", mood)] })];
    const rows: readonly (readonly Logical[])[] = Array.from({ length: 9 }, (_, row) => [
      row > 6 ? "OK" : null,
      ["SAD", null],
      ["OK"],
    ]);
    const kinds: string[] = [];
    const reader = new MessageReader(encode(columns, rows, { batchRows: 2 }));
    for (const message of reader) {
      const header = message.header() as unknown as { readonly isDelta?: boolean; readonly id?: bigint };
      kinds.push(MessageHeader[message.headerType] as string);
      if (message.isDictionaryBatch()) expect(header.isDelta).toBe(false);
      reader.readMessageBody(message.bodyLength);
    }
    const batches = Array.from({ length: 5 }, () => "RecordBatch");
    expect(kinds).toEqual(["Schema", "DictionaryBatch", "DictionaryBatch", "DictionaryBatch", ...batches]);
    expect(readApacheArrow(encode(columns, rows)).rows).toEqual(rows);
  });

  test("find labels that share their length and most of their bytes", () => {
    const labels = ["ab", "ba", "aB", "Ab", "", "a", "ü", "\u{1f600}", "Aa", "BB"];
    const type: ColumnType = { kind: "dictionary", labels, names: labels.map((_, index) => `N${index}`) };
    const rows = labels.map((_, index) => [`N${index}`]);
    expect(readApacheArrow(encode([column("m", type)], rows)).rows).toEqual(rows);
  });
});

/** The code of the error that a row with this value on the wire ends in, and its message. */
function failureOf({ type, nullable }: Pick<Column, "type" | "nullable">, value: Buffer | undefined): string {
  const row = Buffer.alloc(11);
  row.write("D");
  row.writeInt32BE(10 + (value?.length ?? 0), 1);
  row.writeInt16BE(1, 5);
  row.writeInt32BE(value?.length ?? -1, 7);
  try {
    encode([column("field", type, nullable)], [], { wire: Buffer.concat([row, value ?? Buffer.alloc(0)]) });
    return "none";
  } catch (error) {
    if (!(error instanceof FraiseqlError)) throw error;
    expect(error.message).toContain("Table.field");
    return error.code;
  }
}

const wire = (type: ColumnType, ...bytes: readonly number[]) => failureOf({ type, nullable: true }, Buffer.from(bytes));
const words = (type: ColumnType, ...values: readonly number[]) =>
  wire(type, ...values.flatMap((value) => [(value >> 24) & 255, (value >> 16) & 255, (value >> 8) & 255, value & 255]));

describe("a value without a form in its column", () => {
  const decimal: ColumnType = { kind: "decimal", precision: 6, scale: 2 };

  test("is refused, never rounded, wrapped or turned into a null", () => {
    expect(wire(decimal, 0, 0, 0, 0, 0xc0, 0, 0, 0)).toBe("VALUE_NOT_REPRESENTABLE"); // NaN
    expect(wire(decimal, 0, 0, 0, 0, 0xd0, 0, 0, 0)).toBe("VALUE_NOT_REPRESENTABLE"); // Infinity
    expect(wire(decimal, 0, 0, 0, 0, 0xf0, 0, 0, 0)).toBe("VALUE_NOT_REPRESENTABLE"); // -Infinity
    expect(words({ kind: "time" }, 20, 500_654_080)).toBe("VALUE_NOT_REPRESENTABLE"); // 24:00:00
    expect(words({ kind: "time" }, 20, 500_654_079)).toBe("none");
    // 294247-01-10 04:00:54.775806, one microsecond later (Arrow's greatest number), and the last PostgreSQL has.
    expect(words({ kind: "timestamp", zoned: true }, 2_147_263_230, -993_517_570)).toBe("none");
    expect(words({ kind: "timestamp", zoned: true }, 2_147_263_230, -993_517_569)).toBe("VALUE_NOT_REPRESENTABLE");
    expect(words({ kind: "timestamp", zoned: true }, 2_147_483_483, -1_280_139_265)).toBe("VALUE_NOT_REPRESENTABLE");
    const infinite = [0x7fffffff, -1, 0x7fffffff, 0x7fffffff];
    expect(words({ kind: "interval" }, ...infinite)).toBe("VALUE_NOT_REPRESENTABLE");
    expect(words({ kind: "interval" }, -0x80000000, 0, -0x80000000, -0x80000000)).toBe("VALUE_NOT_REPRESENTABLE");
    expect(words({ kind: "interval" }, 2_147_483, 0, 0, 0)).toBe("none");
    expect(words({ kind: "interval" }, 2_147_484, 0, 0, 0)).toBe("VALUE_NOT_REPRESENTABLE");
  });

  test("of another type than the schema says is refused before it is read as something else", () => {
    for (const kind of ["bool", "date", "time", "uuid", "interval"] as const) {
      expect(wire({ kind }, 1, 2, 3)).toBe("ARTIFACT_MISMATCH");
    }
    expect(words(integer, 0, 5)).toBe("ARTIFACT_MISMATCH");
    expect(words({ kind: "int", bits: 64 }, 5)).toBe("ARTIFACT_MISMATCH");
    expect(words({ kind: "float", bits: 32 }, 0, 0)).toBe("ARTIFACT_MISMATCH");
    expect(wire(mood, 1)).toBe("ARTIFACT_MISMATCH");
    expect(wire(decimal, 0, 1, 0, 1, 0, 0, 0, 2, 0, 1)).toBe("ARTIFACT_MISMATCH"); // 10,000 in numeric(6, 2)
    expect(wire(decimal, 0, 1, 255, 255, 0, 0, 0, 3, 0, 10)).toBe("ARTIFACT_MISMATCH"); // 0.001
    expect(wire(decimal, 0, 2, 0, 0, 0, 0, 0, 2, 0x27, 0x0f, 0x26, 0xac)).toBe("none"); // 9,999.99
  });

  test("a null in a column without nulls is refused", () => {
    for (const type of [integer, mood, decimal, { kind: "utf8" }, { kind: "struct", fields: [column("a", integer)] }]) {
      expect(failureOf({ type: type as ColumnType, nullable: false }, undefined)).toBe("NOT_NULL_VIOLATED");
    }
  });
});
