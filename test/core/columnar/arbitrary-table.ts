/** Tables of every type, nested to depth 4, with nulls wherever a column may have them. */
import fc from "fast-check";
import type { Column, ColumnType } from "../../../src/core/columnar/column.ts";
import { float, type Logical } from "./logical.ts";
import { INT32_MAX, INT64_MAX } from "./wire-rows.ts";

export type Table = { readonly columns: readonly Column[]; readonly rows: readonly (readonly Logical[])[] };

/** What a reader cannot hold. */
export type TableOptions = {
  readonly decimalDigitsMax?: number;
  readonly without?: readonly ColumnType["kind"][];
  /** False: no list whose elements are a dictionary's. */
  readonly listedDictionaries?: boolean;
  /** False: no infinite times, and none far from those people live in. */
  readonly extremes?: boolean;
};

const digits = (minimum: bigint, maximum: bigint): fc.Arbitrary<string> =>
  fc.oneof(fc.bigInt(minimum, maximum), fc.constantFrom(minimum, maximum, 0n)).map(String);
const whole = (bits: number): fc.Arbitrary<string> => digits(-(2n ** BigInt(bits - 1)), 2n ** BigInt(bits - 1) - 1n);
const bytes = (size?: number): fc.Arbitrary<string> =>
  fc
    .uint8Array(size === undefined ? { maxLength: 200 } : { minLength: size, maxLength: size })
    .map((each) => Buffer.from(each).toString("hex"));
const text = fc.oneof(fc.string({ unit: "binary", maxLength: 100 }), fc.string({ unit: "grapheme", maxLength: 100 }));

const dictionary = fc.constantFrom(1, 2, 128, 129, 300).map((size): ColumnType => {
  const labels = Array.from({ length: size }, (_, index) => `label ${index} ü`);
  return { kind: "dictionary", labels, names: labels.map((_, index) => `NAME_${index}`) };
});

type Types = { readonly leaf: fc.Arbitrary<ColumnType>; readonly listedDictionaries: boolean };

function leafOf({ decimalDigitsMax = 76, without = [] }: TableOptions): fc.Arbitrary<ColumnType> {
  const plain = (["bool", "utf8", "bytes", "uuid", "date", "time", "interval"] as const).filter(
    (kind) => !without.includes(kind),
  );
  const decimal = fc
    .integer({ min: 1, max: decimalDigitsMax })
    .chain((precision) => fc.integer({ min: 0, max: precision }).map((scale) => ({ precision, scale })));
  return fc.oneof(
    fc.constantFrom(...plain).map((kind): ColumnType => ({ kind })),
    ...(without.includes("json") ? [] : [fc.boolean().map((versioned): ColumnType => ({ kind: "json", versioned }))]),
    fc.constantFrom(16, 32, 64).map((bits) => ({ kind: "int", bits }) as ColumnType),
    fc.constantFrom(32, 64).map((bits) => ({ kind: "float", bits }) as ColumnType),
    decimal.map((each): ColumnType => ({ kind: "decimal", ...each })),
    fc.boolean().map((zoned): ColumnType => ({ kind: "timestamp", zoned })),
    dictionary,
  );
}

function typeOf(depth: number, types: Types): fc.Arbitrary<ColumnType> {
  const { leaf, listedDictionaries } = types;
  if (depth === 0) return leaf;
  const item = columnOf("element", depth - 1, types).filter(
    ({ type }) => listedDictionaries || type.kind !== "dictionary",
  );
  const list = fc.record({ item, nullIsEmpty: fc.boolean() }).map((each): ColumnType => ({ kind: "list", ...each }));
  const struct = fc
    .integer({ min: 1, max: 3 })
    .chain((count) => fc.tuple(...Array.from({ length: count }, (_, index) => columnOf(`f${index}`, depth - 1, types))))
    .map((fields): ColumnType => ({ kind: "struct", fields }));
  return fc.oneof({ weight: 3, arbitrary: leaf }, { weight: 2, arbitrary: list }, { weight: 2, arbitrary: struct });
}

function columnOf(name: string, depth: number, types: Types): fc.Arbitrary<Column> {
  return fc.record({ type: typeOf(depth, types), nullable: fc.boolean() }).map(({ type, nullable }) => ({
    name,
    type,
    // A list that is empty instead of null is never null.
    nullable: nullable && !(type.kind === "list" && type.nullIsEmpty),
    coordinate: `Table.${name}`,
  }));
}

function cellOf({ type, nullable }: Column, extremes: boolean): fc.Arbitrary<Logical> {
  const value = presentValue(type, extremes);
  return nullable || (type.kind === "list" && type.nullIsEmpty) ? fc.option(value, { nil: null, freq: 3 }) : value;
}

function presentValue(type: ColumnType, extremes: boolean): fc.Arbitrary<Logical> {
  switch (type.kind) {
    case "bool":
      return fc.boolean();
    case "int":
      return whole(type.bits);
    case "float":
      return fc
        .oneof(type.bits === 32 ? fc.float() : fc.double(), fc.constantFrom(Number.NaN, -0, 1 / 0, -1 / 0))
        .map(float);
    case "decimal":
      return decimalDigits(10n ** BigInt(type.precision) - 1n);
    case "utf8":
    case "json":
      return text;
    case "bytes":
      return bytes();
    case "uuid":
      return bytes(16);
    case "date":
      if (!extremes) return digits(-700_000n, 2_900_000n);
      return fc.oneof(digits(-2_451_545n, 2_145_042_541n), fc.constantFrom(INT32_MAX, -INT32_MAX - 1n).map(String));
    case "time":
      return digits(0n, 86_399_999_999n);
    case "timestamp":
      if (!extremes) return digits(-62_000_000_000_000_000n, 253_000_000_000_000_000n);
      return fc.oneof(
        digits(-211_813_488_000_000_000n, INT64_MAX - 1n),
        digits(-INT64_MAX - 1n, -INT64_MAX - 1n),
        digits(INT64_MAX, INT64_MAX),
      );
    case "interval":
      return fc.tuple(
        whole(32),
        whole(32),
        digits(-9_223_372_036_854_775n, 9_223_372_036_854_775n).map((micros) => String(BigInt(micros) * 1000n)),
      );
    case "dictionary":
      return fc.constantFrom(...type.names);
    case "list":
      return fc.array(cellOf(type.item, extremes), { maxLength: 5 });
    case "struct":
      return fc.tuple(...type.fields.map((field) => cellOf(field, extremes)));
  }
}

/** Powers of two and their neighbours carry from limb to limb. */
function decimalDigits(max: bigint): fc.Arbitrary<string> {
  const near = fc
    .tuple(
      fc.constantFrom(31n, 32n, 53n, 63n, 64n, 96n, 127n, 128n, 160n, 192n, 224n),
      fc.constantFrom(-1n, 0n, 1n),
      fc.boolean(),
    )
    .map(([exponent, more, negative]) => (negative ? -1n : 1n) * (2n ** exponent + more))
    .filter((value) => value <= max && value >= -max);
  return max < 2n ** 31n ? digits(-max, max) : fc.oneof(digits(-max, max), near.map(String));
}

/** Up to six columns and forty rows. */
export function tablesOf(options: TableOptions = {}): fc.Arbitrary<Table> {
  const types = { leaf: leafOf(options), listedDictionaries: options.listedDictionaries ?? true };
  const extremes = options.extremes ?? true;
  return fc
    .integer({ min: 1, max: 6 })
    .chain((count) => fc.tuple(...Array.from({ length: count }, (_, index) => columnOf(`c${index}`, 4, types))))
    .chain((columns) =>
      fc
        .array(fc.tuple(...columns.map((each) => cellOf(each, extremes))), { maxLength: 40 })
        .map((rows) => ({ columns, rows })),
    );
}

/** What is read where the wire had `value`: a list that is empty instead of null. */
export function asRead({ type }: Column, value: Logical): Logical {
  if (type.kind === "list") {
    if (value === null) return type.nullIsEmpty ? [] : null;
    return (value as readonly Logical[]).map((item) => asRead(type.item, item));
  }
  if (type.kind !== "struct" || value === null) return value;
  return type.fields.map((field, index) => asRead(field, (value as readonly Logical[])[index] as Logical));
}
