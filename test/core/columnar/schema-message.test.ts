/** The flatbuffers written by hand, as the reference library reads them. */
import { describe, expect, test } from "bun:test";
import { type Field, MessageReader } from "apache-arrow";
import type { Column, ColumnType } from "../../../src/core/columnar/column.ts";
import { column, encode, encodeMessages } from "./encode.ts";
import { readApacheArrow } from "./read-apache-arrow.ts";
import { readFlechette } from "./read-flechette.ts";

const labels = (count: number) => Array.from({ length: count }, (_, index) => `l${index}`);
const dictionary = (count: number): ColumnType => ({ kind: "dictionary", labels: labels(count), names: labels(count) });
const integer = column("n", { kind: "int", bits: 32 });

const TYPES: readonly (readonly [ColumnType, string])[] = [
  [{ kind: "bool" }, "Bool"],
  [{ kind: "int", bits: 16 }, "Int16"],
  [{ kind: "int", bits: 32 }, "Int32"],
  [{ kind: "int", bits: 64 }, "Int64"],
  [{ kind: "float", bits: 32 }, "Float32"],
  [{ kind: "float", bits: 64 }, "Float64"],
  [{ kind: "decimal", precision: 12, scale: 2 }, "Decimal[12e+2]"],
  [{ kind: "decimal", precision: 76, scale: 76 }, "Decimal[76e+76]"],
  [{ kind: "utf8" }, "Utf8"],
  [{ kind: "json", versioned: true }, "Utf8"],
  [{ kind: "bytes" }, "Binary"],
  [{ kind: "uuid" }, "FixedSizeBinary[16]"],
  [{ kind: "date" }, "Date32<DAY>"],
  [{ kind: "time" }, "Time64<MICROSECOND>"],
  [{ kind: "timestamp", zoned: false }, "Timestamp<MICROSECOND>"],
  [{ kind: "timestamp", zoned: true }, "Timestamp<MICROSECOND, UTC>"],
  [{ kind: "interval" }, "Interval<MONTH_DAY_NANO>"],
  [dictionary(128), "Dictionary<Int8, Utf8>"],
  [dictionary(129), "Dictionary<Int16, Utf8>"],
  [dictionary(32_769), "Dictionary<Int32, Utf8>"],
  [{ kind: "list", item: integer, nullIsEmpty: false }, "List<Int32>"],
  [{ kind: "struct", fields: [integer, column("d", dictionary(3))] }, "Struct<{n:Int32, d:Dictionary<Int8, Utf8>}>"],
];

const schemaOf = (columns: readonly Column[], metadata = {}) =>
  readApacheArrow(encode(columns, [], { metadata })).schema;

describe("the schema message", () => {
  test("names every type so that the reference library reads it", () => {
    const { fields } = schemaOf(TYPES.map(([type], index) => column(`c${index}`, type)));
    expect(fields.map(({ type }) => String(type))).toEqual(TYPES.map(([, name]) => name));
    expect(fields.map(({ type }) => ("bitWidth" in type ? type.bitWidth : 0)).slice(6, 8)).toEqual([128, 256]);
  });

  test("says which columns, elements and fields may be null", () => {
    const inner = { ...integer, nullable: false };
    const { fields } = schemaOf([
      inner,
      integer,
      column("l", { kind: "list", item: inner, nullIsEmpty: true }, false),
      column("s", { kind: "struct", fields: [inner, integer] }),
    ]);
    expect(fields.map(({ nullable }) => nullable)).toEqual([false, true, false, true]);
    const below = fields.map(({ type }) => (type.children as Field[] | null)?.map(({ nullable }) => nullable));
    expect(below.slice(2)).toEqual([[false], [false, true]]);
  });

  test("marks UUIDs and JSON with the canonical extension types, at any depth", () => {
    const json = column("j", { kind: "json", versioned: false });
    const { fields } = schemaOf([
      column("u", { kind: "uuid" }),
      json,
      column("l", { kind: "list", item: json, nullIsEmpty: false }),
      integer,
    ]);
    const extension = "ARROW:extension:name";
    expect(fields.map(({ metadata }) => metadata.get(extension))).toEqual([
      "arrow.uuid",
      "arrow.json",
      undefined,
      undefined,
    ]);
    expect(fields[2]?.type.children[0]?.metadata.get(extension)).toBe("arrow.json");
  });

  test("names no extension type, at no depth, where they are to be omitted; nothing else differs", () => {
    const json = column("j", { kind: "json", versioned: true });
    const item = column("l", { kind: "list", item: json, nullIsEmpty: false });
    const columns = [column("u", { kind: "uuid" }), json, item, column("s", { kind: "struct", fields: [json] })];
    const rows = [["00".repeat(16), "{}", ["1", null], ["[]"]]];
    const read = readApacheArrow(encode(columns, rows, { extensionTypes: "omitted" }));
    const all = read.schema.fields.flatMap((field) => [field, ...(field.type.children ?? [])]);
    expect(all.map(({ metadata }) => metadata.size)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(read.rows).toEqual(rows);
    const named = readApacheArrow(encode(columns, rows));
    expect(read.schema.fields.map(({ type }) => String(type))).toEqual(
      named.schema.fields.map(({ type }) => String(type)),
    );
  });

  test("carries metadata and names of any characters and length", () => {
    const metadata = { "": "", operation: "query { a }\n".repeat(10_000), "schlüssel 😀": "wert \u0001 \u{10ffff}" };
    const names = ["", "ünï 😀", "n".repeat(70_000), "a\nb", "\u07ff\uffff"];
    const stream = encode(
      names.map((name) => ({ ...integer, name })),
      [names.map(() => "1")],
      { metadata },
    );
    const read = readApacheArrow(stream);
    expect(read.names).toEqual(names);
    expect([...read.schema.metadata]).toEqual(Object.entries(metadata));
    expect(readFlechette(stream).names).toEqual(names);
  });

  test("holds 300 columns of all types with their rows", () => {
    const columns = Array.from({ length: 300 }, (_, index) => column(`c${index}`, TYPES[index % 17]![0]));
    const rows = [columns.map(() => null), columns.map(({ type }) => (type.kind === "bool" ? true : null))];
    const stream = encode(columns, rows);
    expect(readApacheArrow(stream).rows).toEqual(rows);
    expect(readApacheArrow(stream).schema.fields).toHaveLength(300);
    expect(readFlechette(stream).rows).toEqual(rows);
  });
});

test("every message and every buffer begins at a multiple of eight bytes, and nothing is compressed", () => {
  const columns = TYPES.slice(0, 17).map(([type], index) => column(`c${index}`, type));
  const messages = encodeMessages(columns, [columns.map(() => null), columns.map(() => null)], {
    metadata: { odd: "x" },
  });
  expect(messages.map(({ length }) => length % 8)).toEqual(messages.map(() => 0));
  let batches = 0;
  const reader = new MessageReader(Buffer.concat(messages));
  for (const message of reader) {
    if (!message.isRecordBatch()) continue;
    const { buffers, compression } = message.header() as unknown as {
      readonly buffers: readonly { readonly offset: number }[];
      readonly compression: unknown;
    };
    expect(compression).toBeNull();
    expect(buffers.map(({ offset }) => offset % 8)).toEqual(buffers.map(() => 0));
    expect(message.bodyLength % 8).toBe(0);
    reader.readMessageBody(message.bodyLength);
    batches += 1;
  }
  expect(batches).toBe(1);
});
