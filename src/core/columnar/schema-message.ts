/**
 * The first message of a stream: names and types of the columns. Written by hand, so that an edge that exports tables
 * loads no Arrow library. Source: https://github.com/apache/arrow/blob/main/format/Schema.fbs
 */
import { type Column, type ColumnType, shownColumns } from "./column.ts";
import { createFlatBuffer, type FlatBuffer, type Offset, type Slot } from "./flatbuffer.ts";
import { message } from "./message.ts";

/** Numbers of the union `Type`. */
const TYPES = {
  int: 2,
  float: 3,
  bytes: 4,
  utf8: 5,
  bool: 6,
  decimal: 7,
  date: 8,
  time: 9,
  timestamp: 10,
  interval: 11,
  list: 12,
  struct: 13,
  fixed: 15,
} as const;
const MICROSECOND = 2;
const MONTH_DAY_NANO = 2;

export type Metadata = Readonly<Record<string, string>>;

/** Whether UUIDs and JSON say what they are. Some readers refuse a column whose extension type they do not know. */
export type ExtensionTypes = "named" | "omitted";

export type SchemaOptions = {
  /** Travels with the schema. */
  readonly metadata: Metadata;
  readonly extensionTypes: ExtensionTypes;
};

/** Dictionaries are numbered in the order of the columns, children behind their parent. */
export function schemaMessage(columns: readonly Column[], options: SchemaOptions): Uint8Array {
  const flat = createFlatBuffer();
  return message(flat, "schema", schemaTable(flat, columns, options), 0);
}

/** The same, as a part of other metadata: the footer of a file repeats it. */
export function schemaTable(
  flat: FlatBuffer,
  columns: readonly Column[],
  { metadata, extensionTypes }: SchemaOptions,
): Offset {
  let dictionaries = 0;
  const writing: Writing = { flat, extensionTypes, nextDictionary: () => dictionaries++ };
  const fields = flat.offsets(shownColumns(columns).map((column) => field(column, writing)));
  const custom = keyValues(flat, metadata);
  return flat.table([
    { slot: 1, kind: "offset", value: fields },
    { slot: 2, kind: "offset", value: custom },
  ]);
}

type Writing = {
  readonly flat: FlatBuffer;
  readonly extensionTypes: ExtensionTypes;
  readonly nextDictionary: () => number;
};

function field(column: Column, writing: Writing): Offset {
  const { flat, extensionTypes, nextDictionary } = writing;
  const { type } = column;
  const dictionary =
    type.kind === "dictionary" ? dictionaryEncoding(flat, nextDictionary(), type.labels.length) : undefined;
  const children = flat.offsets(childrenOf(type).map((child) => field(child, writing)));
  const [number, table] = typeTable(flat, type);
  const extension = extensionTypes === "named" ? extensionOf(type) : undefined;
  const custom =
    extension === undefined
      ? undefined
      : keyValues(flat, { "ARROW:extension:name": extension, "ARROW:extension:metadata": "" });
  const slots: Slot[] = [
    { slot: 0, kind: "offset", value: flat.text(column.name) },
    { slot: 1, kind: "int8", value: column.nullable ? 1 : 0 },
    { slot: 2, kind: "int8", value: number },
    { slot: 3, kind: "offset", value: table },
    { slot: 5, kind: "offset", value: children },
  ];
  if (dictionary !== undefined) slots.push({ slot: 4, kind: "offset", value: dictionary });
  if (custom !== undefined) slots.push({ slot: 6, kind: "offset", value: custom });
  return flat.table(slots);
}

/** The columns inside a list or a struct; none of others. */
export function childrenOf(type: ColumnType): readonly Column[] {
  if (type.kind === "list") return [type.item];
  return type.kind === "struct" ? type.fields : [];
}

/** Canonical extension types: https://arrow.apache.org/docs/format/CanonicalExtensions.html */
function extensionOf(type: ColumnType): string | undefined {
  if (type.kind === "uuid") return "arrow.uuid";
  return type.kind === "json" ? "arrow.json" : undefined;
}

function typeTable(flat: FlatBuffer, type: ColumnType): readonly [number, Offset] {
  switch (type.kind) {
    case "bool":
      return [TYPES.bool, flat.table([])];
    case "int":
      return [TYPES.int, intTable(flat, type.bits)];
    case "float":
      return [TYPES.float, flat.table([{ slot: 0, kind: "int16", value: type.bits === 32 ? 1 : 2 }])];
    case "decimal":
      return [
        TYPES.decimal,
        flat.table([
          { slot: 0, kind: "int32", value: type.precision },
          { slot: 1, kind: "int32", value: type.scale },
          { slot: 2, kind: "int32", value: decimalBytes(type.precision) * 8 },
        ]),
      ];
    case "utf8":
    case "json":
    case "dictionary":
      return [TYPES.utf8, flat.table([])];
    case "bytes":
      return [TYPES.bytes, flat.table([])];
    case "uuid":
      return [TYPES.fixed, flat.table([{ slot: 0, kind: "int32", value: 16 }])];
    case "date":
      return [TYPES.date, flat.table([{ slot: 0, kind: "int16", value: 0 }])];
    case "time":
      return [
        TYPES.time,
        flat.table([
          { slot: 0, kind: "int16", value: MICROSECOND },
          { slot: 1, kind: "int32", value: 64 },
        ]),
      ];
    case "timestamp": {
      const zone: readonly Slot[] = type.zoned ? [{ slot: 1, kind: "offset", value: flat.text("UTC") }] : [];
      return [TYPES.timestamp, flat.table([{ slot: 0, kind: "int16", value: MICROSECOND }, ...zone])];
    }
    case "interval":
      return [TYPES.interval, flat.table([{ slot: 0, kind: "int16", value: MONTH_DAY_NANO }])];
    case "list":
      return [TYPES.list, flat.table([])];
    case "struct":
      return [TYPES.struct, flat.table([])];
  }
}

function intTable(flat: FlatBuffer, bits: number): Offset {
  return flat.table([
    { slot: 0, kind: "int32", value: bits },
    { slot: 1, kind: "int8", value: 1 },
  ]);
}

function dictionaryEncoding(flat: FlatBuffer, id: number, size: number): Offset {
  const index = intTable(flat, indexBytes(size) * 8);
  return flat.table([
    { slot: 0, kind: "int64", value: id },
    { slot: 1, kind: "offset", value: index },
  ]);
}

/** Width of the index into so many labels. */
export const indexBytes = (size: number): 1 | 2 | 4 => (size <= 0x80 ? 1 : size <= 0x8000 ? 2 : 4);

/** Decimal128 holds 38 digits, Decimal256 holds 76. */
export const decimalBytes = (precision: number): 16 | 32 => (precision <= 38 ? 16 : 32);

function keyValues(flat: FlatBuffer, entries: Metadata): Offset {
  return flat.offsets(
    Object.entries(entries).map(([key, value]) => {
      const valueText = flat.text(value);
      return flat.table([
        { slot: 0, kind: "offset", value: flat.text(key) },
        { slot: 1, kind: "offset", value: valueText },
      ]);
    }),
  );
}
