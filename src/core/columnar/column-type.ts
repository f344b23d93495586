/** From the type of a value in PostgreSQL to the column that holds it, and the cast that gives its wire form. */
import type { PgType } from "../schema/catalog.ts";
import type { EnumType } from "../schema/model.ts";
import { innermost } from "../schema/pg-types.ts";
import { type Fragment, sql } from "../sql/fragment.ts";
import { typeName } from "../sql/value.ts";
import type { ColumnType } from "./column.ts";

type Wire = { readonly type: ColumnType; readonly sql: Fragment };

const PLAIN: Readonly<Record<string, ColumnType>> = {
  bool: { kind: "bool" },
  int2: { kind: "int", bits: 16 },
  int4: { kind: "int", bits: 32 },
  int8: { kind: "int", bits: 64 },
  float4: { kind: "float", bits: 32 },
  float8: { kind: "float", bits: 64 },
  uuid: { kind: "uuid" },
  date: { kind: "date" },
  time: { kind: "time" },
  timestamp: { kind: "timestamp", zoned: false },
  timestamptz: { kind: "timestamp", zoned: true },
  interval: { kind: "interval" },
  bytea: { kind: "bytes" },
  json: { kind: "json", versioned: false },
  jsonb: { kind: "json", versioned: true },
  text: { kind: "utf8" },
  varchar: { kind: "utf8" },
  name: { kind: "utf8" },
};

/** Everything else is its text; a char(n) loses its padding there, as it does in JSON. */
const UTF8: ColumnType = { kind: "utf8" };

type WireContext = {
  /** Finds the enum of the schema for a type of the database. */
  readonly enumOf: (type: PgType) => EnumType | undefined;
  /** `Type.field`, for errors about elements. */
  readonly coordinate: string;
};

/** What a value of a type of PostgreSQL becomes in Arrow, and the SQL that has it sent so. What has no type in Arrow is its text. */
export function wireOf(value: Fragment, type: PgType, context: WireContext): Wire {
  if (type.kind === "domain") return wireOf(value, type.base, context);
  if (type.kind === "array") return wireOfArray(value, type, context);
  const labels = context.enumOf(type);
  if (labels) {
    const { values } = labels;
    return {
      type: { kind: "dictionary", labels: values.map(({ label }) => label), names: values.map(({ name }) => name) },
      sql: sql`${value}::text`,
    };
  }
  if (type.kind !== "base") return { type: UTF8, sql: sql`${value}::text` };
  const plain = PLAIN[type.name];
  if (plain) return { type: plain, sql: value };
  const decimal = type.name === "numeric" ? decimalOf(type) : undefined;
  if (decimal) return { type: decimal, sql: value };
  return { type: UTF8, sql: textOf(value, type) };
}

/** Digits of Decimal256. */
const DIGITS_MAX = 76;

/**
 * PostgreSQL allows a scale below zero (whole tens) and above the precision (zeros behind the point); readers of Arrow
 * refuse the one or the other. As many more digits say the same.
 */
function decimalOf({ precision, scale = 0 }: Extract<PgType, { kind: "base" }>): ColumnType | undefined {
  if (precision === undefined) return undefined;
  const digits = scale < 0 ? precision - scale : Math.max(precision, scale);
  return digits > DIGITS_MAX ? undefined : { kind: "decimal", precision: digits, scale: Math.max(scale, 0) };
}

/** Inner arrays are laid one after the other, as in JSON; PostgreSQL's wire form of an array does the same. */
function wireOfArray(value: Fragment, type: Extract<PgType, { kind: "array" }>, context: WireContext): Wire {
  const element = innermost(type);
  const item = wireOf(value, element, context);
  const column = { name: "element", type: item.type, nullable: true, coordinate: context.coordinate };
  // An array of a domain has a number of its own.
  const plain = type.element.kind === "domain" ? sql`${value}::${typeName(element)}[]` : value;
  return { type: { kind: "list", item: column, nullIsEmpty: false }, sql: arraySql(plain, element, item.type) };
}

function arraySql(value: Fragment, element: PgType, { kind }: ColumnType): Fragment {
  if (kind !== "utf8" && kind !== "dictionary") return value;
  if (element.kind !== "base" || !Object.hasOwn(TEXTS, element.name)) return sql`${value}::text[]`;
  return sql`case when ${value} is not null then array(select ${textOf(sql`e`, element)} from unnest(${value}) as u(e)) end`;
}

/** Where JSON has another text than a cast gives: no length behind a single address, minutes in every offset. */
const TEXTS: Readonly<Record<string, (value: Fragment) => Fragment>> = {
  inet: (value) => sql`(to_json(${value}) #>> '{}')`,
  timetz: (value) => sql`regexp_replace(${value}::text, '([+-][0-9][0-9])$', E'\\\\1:00')`,
};

function textOf(value: Fragment, { name }: Extract<PgType, { kind: "base" }>): Fragment {
  return (TEXTS[name] ?? ((other) => sql`${other}::text`))(value);
}
