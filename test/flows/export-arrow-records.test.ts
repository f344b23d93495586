/** Random composites, ranges, and arrays of them: the table holds the parts that SELECT finds in them. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import fc from "fast-check";
import postgres from "postgres";
import type { ColumnType } from "../../src/core/columnar/column.ts";
import type { Logical } from "../core/columnar/logical.ts";
import { readApacheArrow } from "../core/columnar/read-apache-arrow.ts";
import { readFlechette } from "../core/columnar/read-flechette.ts";
import { logicalOfText } from "./arrow-values.ts";
import { type Exported, exported } from "./exported.ts";
import { TYPED_COLUMNS, TYPES_SQL, type TypedColumn } from "./typed-columns.ts";

/** A type of PostgreSQL with parts, down to those that are one value. */
type Shape =
  | ({ readonly kind: "value" } & TypedColumn)
  | { readonly kind: "record"; readonly pg: string; readonly parts: Readonly<Record<string, Shape>> }
  | { readonly kind: "range"; readonly pg: string; readonly bounds: TypedColumn }
  | { readonly kind: "array"; readonly of: Shape };

const typed = (pg: string): TypedColumn => TYPED_COLUMNS.find((column) => column.pg === pg) as TypedColumn;
const value = (pg: string): Shape => ({ kind: "value", ...typed(pg) });
const arrayOf = (of: Shape): Shape => ({ kind: "array", of });
const range = (pg: string, bound: string): Shape => ({ kind: "range", pg, bounds: typed(bound) });

const ranges = {
  ints: { kind: "range", pg: "int4range", bounds: { pg: "int4", texts: fc.integer({ max: 2 ** 31 - 2 }).map(String) } },
  bigs: { kind: "range", pg: "int8range", bounds: { pg: "int8", texts: fc.integer().map(String) } },
  numbers: range("numrange", "numeric"),
  // PostgreSQL keeps the day behind the last one.
  days: {
    kind: "range",
    pg: "daterange",
    bounds: { pg: "date", texts: fc.nat(2_147_483_000).map((day) => `J${day}`) },
  },
  locals: range("tsrange", "timestamp"),
  instants: range("tstzrange", "timestamptz"),
  floats: range("floatrange", "float8"),
  words: range("wordrange", "text"),
  labels: range("labelrange", "big_enum"),
} as const satisfies Readonly<Record<string, Shape>>;

const values = Object.fromEntries(TYPED_COLUMNS.map((column, index) => [`v${index}`, value(column.pg)]));
const every: Shape = { kind: "record", pg: "every", parts: values };
const place: Shape = { kind: "record", pg: "place", parts: { street: value("text"), number: value("int2") } };
const shop: Shape = {
  kind: "record",
  pg: "shop",
  parts: { at: place, open: ranges.instants, mood: value("big_enum"), prices: arrayOf(value("price")) },
};

const COLUMNS: Readonly<Record<string, Shape>> = {
  every,
  shop,
  ...ranges,
  places: arrayOf(place),
  shops: arrayOf(shop),
  stays: arrayOf(ranges.instants),
  spans: arrayOf(ranges.numbers),
};

function typeName(shape: Shape): string {
  return shape.kind === "array" ? `${typeName(shape.of)}[]` : shape.pg;
}

const definition = (parts: Readonly<Record<string, Shape>>): string =>
  Object.entries(parts)
    .map(([name, shape]) => `${name} ${typeName(shape)}`)
    .join(", ");

const SETUP = `${TYPES_SQL}
  create type floatrange as range (subtype = float8);
  create type wordrange as range (subtype = text, collation = "C");
  create type labelrange as range (subtype = big_enum);
  create type every as (${definition(every.parts)});
  create type place as (${definition(place.parts)});
  create type shop as (${definition(shop.parts)});
  create table records (id int4 primary key, ${definition(COLUMNS)});
`;

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

function literal(shape: Shape): fc.Arbitrary<string> {
  return fc.oneof({ weight: 4, arbitrary: present(shape) }, { weight: 1, arbitrary: fc.constant("null") });
}

function present(shape: Shape): fc.Arbitrary<string> {
  const cast = `::${typeName(shape)}`;
  switch (shape.kind) {
    case "value":
      return shape.texts.map((text) => quoted(text) + cast);
    case "array":
      return fc.array(literal(shape.of), { maxLength: 3 }).map((items) => `array[${items.join(", ")}]${cast}`);
    case "record":
      return fc.tuple(...Object.values(shape.parts).map(literal)).map((parts) => `row(${parts.join(", ")})${cast}`);
    case "range": {
      const bound = literal({ kind: "value", ...shape.bounds });
      const made = fc.tuple(bound, bound, fc.constantFrom("[]", "[)", "(]", "()")).map(([one, other, ends]) => {
        const [lower, upper] =
          one === "null" || other === "null" ? [one, other] : [`least(${one}, ${other})`, `greatest(${one}, ${other})`];
        return `${shape.pg}(${lower}, ${upper}, '${ends}')`;
      });
      return fc.oneof({ weight: 6, arbitrary: made }, { weight: 1, arbitrary: fc.constant(`'empty'${cast}`) });
    }
  }
}

function selection(shape: Shape): string {
  switch (shape.kind) {
    case "value":
      return "";
    case "array":
      return selection(shape.of);
    case "range":
      return "{ lower upper lowerInclusive upperInclusive isEmpty }";
    case "record":
      return `{ ${selections(shape.parts)} }`;
  }
}

function selections(parts: Readonly<Record<string, Shape>>): string {
  return Object.entries(parts)
    .map(([name, shape]) => `${name} ${selection(shape)}`)
    .join(" ");
}

/** SQL for the texts of the parts, as arrays of JSON in each other; null where there is no value. */
function said(shape: Shape, expression: string): string {
  switch (shape.kind) {
    case "value":
      return `to_json(${(shape.shown ?? "$::text").replace("$", () => expression)})`;
    case "range": {
      const parts = [
        said({ kind: "value", ...shape.bounds }, `lower(${expression})`),
        said({ kind: "value", ...shape.bounds }, `upper(${expression})`),
        ...["lower_inc", "upper_inc", "isempty"].map((part) => `${part}(${expression})::text`),
      ];
      return `case when ${expression} is not null then json_build_array(${parts.join(", ")}) end`;
    }
    case "array": {
      // An inner subscript has another name than those around it.
      const at = `i${expression.length}`;
      const items = `select json_agg(${said(shape.of, `(${expression})[${at}]`)} order by ${at}) from generate_subscripts(${expression}, 1) as s(${at})`;
      return `case when ${expression} is not null then coalesce((${items}), '[]') end`;
    }
    case "record": {
      const parts = Object.entries(shape.parts).map(([name, part]) => said(part, `(${expression}).${name}`));
      // A row of nulls is not null, and is still "is null".
      return `case when ${expression} is distinct from null then json_build_array(${parts.join(", ")}) end`;
    }
  }
}

type Said = string | null | readonly Said[];

function logical(type: ColumnType, texts: Said): Logical {
  if (texts === null) return null;
  if (typeof texts === "string") return logicalOfText(type, texts);
  if (type.kind === "list") return texts.map((each) => logical(type.item.type, each));
  if (type.kind !== "struct") throw new Error(`${type.kind} has no parts`);
  return type.fields.map((field, index) => logical(field.type, texts[index] as Said));
}

describe("a table of random composites and ranges", () => {
  let database: Exported;
  let sql: postgres.Sql;
  beforeAll(async () => {
    database = await exported("arrow_records", SETUP);
    const session = { TimeZone: "UTC", IntervalStyle: "postgres", DateStyle: "ISO", extra_float_digits: "1" };
    sql = postgres(database.served.url, { max: 1, onnotice: () => {}, connection: session as never });
  });
  afterAll(async () => {
    await sql.end();
    await database.close();
  });

  for (const [name, shape] of Object.entries(COLUMNS)) {
    test(`reads ${name}, ${typeName(shape)}, as their parts in SQL`, async () => {
      const query = `{ records(orderBy: { id: ASC }) { ${name} ${selection(shape)} } }`;
      const [column] = database.columns(query);
      const type = (column as NonNullable<typeof column>).type;
      await fc.assert(
        fc.asyncProperty(fc.array(literal(shape), { maxLength: 12 }), async (literals) => {
          await sql.unsafe("truncate records");
          const rows = literals.map((each, index) => `(${index}, ${each})`);
          if (rows.length > 0) await sql.unsafe(`insert into records (id, ${name}) values ${rows.join(", ")}`);
          const texts = await sql.unsafe(`select ${said(shape, name)}::text from records order by id`).values();
          const wanted = texts.map(([text]) => [
            text === null ? null : logical(type, JSON.parse(text as string) as Said),
          ]);
          const stream = await database.stream(query);
          expect(readApacheArrow(stream).rows).toEqual(wanted);
          expect(readFlechette(stream).rows).toEqual(wanted);
        }),
        { numRuns: 40, interruptAfterTimeLimit: 5_000 },
      );
    }, 60_000);
  }
});
