/** Random rows of every type: the table reads exactly as `SELECT …::text`. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import fc from "fast-check";
import postgres from "postgres";
import type { Column } from "../../src/core/columnar/column.ts";
import type { Logical } from "../core/columnar/logical.ts";
import { readApacheArrow } from "../core/columnar/read-apache-arrow.ts";
import { readFlechette } from "../core/columnar/read-flechette.ts";
import { logicalOfText } from "./arrow-values.ts";
import { type Exported, exported } from "./exported.ts";
import { TYPED_COLUMNS, TYPES_SQL, type TypedColumn } from "./typed-columns.ts";

const quoted = (value: string): string => `'${value.replaceAll("'", "''")}'`;
const orNull = (values: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.oneof({ weight: 4, arbitrary: values }, { weight: 1, arbitrary: fc.constant("null") });

/** Precisions and scales at every edge of the two widths, and what has no decimal: below zero, above the precision, too long. */
const NUMERICS: readonly (readonly [precision: number, scale: number])[] = [
  ...[1, 2, 3, 4, 5, 8, 9, 12, 15, 16, 17, 18, 19, 20, 28, 37, 38, 39, 40, 57, 75, 76, 77, 100].flatMap((precision) =>
    [0, 1, 2, 3, 4, 5, precision - 1, precision]
      .filter((scale) => scale <= precision && scale >= 0)
      .map((scale) => [precision, scale] as const),
  ),
  [2, 5],
  [3, 80],
  [5, -3],
  [70, -6],
  [70, -7],
];

const numericColumns: readonly TypedColumn[] = NUMERICS.map(([precision, scale]) => {
  const max = 10n ** BigInt(precision) - 1n;
  const digits = fc
    .oneof(fc.bigInt(-max, max), fc.bigInt(-9999n, 9999n), fc.constantFrom(max, -max, 0n, 1n))
    .filter((value) => value <= max && value >= -max);
  return { pg: `numeric(${precision}, ${scale})`, texts: digits.map((value) => `${value}e${-scale}`) };
});

const GROUPS = [
  { name: "scalars", columns: TYPED_COLUMNS, array: false, runs: 40 },
  { name: "arrays", columns: TYPED_COLUMNS, array: true, runs: 40 },
  { name: "numerics", columns: numericColumns, array: false, runs: 40 },
] as const;

function literals({ pg, texts }: TypedColumn, array: boolean): fc.Arbitrary<string> {
  const value = orNull(texts.map(quoted));
  if (!array) return value;
  const elements = (length: number) => fc.array(value, { minLength: length, maxLength: length });
  const row = (length: number) => elements(length).map((items) => `array[${items.join(", ")}]::${pg}[]`);
  const flat = fc.nat(5).chain((length) => row(length));
  // Inner arrays have one length.
  const nested = fc
    .tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 }))
    .chain(([count, length]) =>
      fc.array(row(length), { minLength: count, maxLength: count }).map((rows) => `array[${rows.join(", ")}]`),
    );
  const nestedTwice = nested.map((each) => `array[${each}, ${each}]`);
  return orNull(fc.oneof({ weight: 4, arbitrary: flat }, nested, nestedTwice));
}

/** What PostgreSQL says of a column: its text, or the texts of its elements as JSON. */
function said({ shown = "$::text" }: TypedColumn, name: string, array: boolean): string {
  if (!array) return shown.replace("$", name);
  return `case when ${name} is not null then (select coalesce(json_agg(${shown.replace("$", "e")}), '[]') from unnest(${name}) as u(e))::text end`;
}

function logical({ type }: Column, text: string | null): Logical {
  if (text === null) return null;
  if (type.kind !== "list") return logicalOfText(type, text);
  return (JSON.parse(text) as readonly (string | null)[]).map((item) => logical(type.item, item));
}

let database: Exported;
let sql: postgres.Sql;

beforeAll(async () => {
  const tables = GROUPS.map(({ name, columns, array }) => {
    const defined = columns.map(({ pg }, index) => `c${index} ${pg}${array ? "[]" : ""}`);
    return `create table "${name}" (id int4 primary key, ${defined.join(", ")});`;
  });
  database = await exported("arrow_types", TYPES_SQL + tables.join("\n"));
  const session = { TimeZone: "UTC", IntervalStyle: "postgres", DateStyle: "ISO", extra_float_digits: "1" };
  sql = postgres(database.served.url, { max: 1, onnotice: () => {}, connection: session as never });
});
afterAll(async () => {
  await sql.end();
  await database.close();
});

describe("a table of random rows reads as their text in SQL", () => {
  for (const { name, columns, array, runs } of GROUPS) {
    const names = columns.map((_, index) => `c${index}`);
    const expected = names.map((each, index) => said(columns[index] as TypedColumn, each, array));
    const query = `{ ${name}(orderBy: { id: ASC }) { ${names.join(" ")} } }`;

    test(`${name}: ${columns.length} types`, async () => {
      const row = fc.tuple(...columns.map((column) => literals(column, array)));
      const types = database.columns(query);
      await fc.assert(
        fc.asyncProperty(fc.array(row, { maxLength: 12 }), async (rows) => {
          await sql.unsafe(`truncate "${name}"`);
          const values = rows.map((each, index) => `(${index}, ${each.join(", ")})`);
          if (rows.length > 0) await sql.unsafe(`insert into "${name}" values ${values.join(", ")}`);
          const texts = await sql.unsafe(`select ${expected.join(", ")} from "${name}" order by id`).values();
          const wanted = texts.map((each) => types.map((type, index) => logical(type, each[index] as string | null)));
          const stream = await database.stream(query);
          expect(readApacheArrow(stream).rows).toEqual(wanted);
          expect(readFlechette(stream).rows).toEqual(wanted);
        }),
        { numRuns: runs, interruptAfterTimeLimit: 20_000 },
      );
    }, 60_000);
  }
});

test("twenty thousand rows in growing batches read as their text", async () => {
  await sql.unsafe(`truncate scalars; insert into scalars (id, c0, c2, c3, c5, c7, c17, c21, c26)
    select i, case when i > 5000 and i % 3 > 0 then i % 2 = 0 end, case when i < 3000 or i > 15000 then i end, i::int8 << 30,
      i / 7.0, case when i not between 2040 and 2060 then 'row ' || i end, null, case when i % 2 = 0 then int4send(i) end,
      ('label_' || i % 200)::big_enum from generate_series(1, 20000) i`);
  const query = "{ scalars(orderBy: { id: ASC }) { id c0 c2 c3 c5 c7 c17 c21 c26 } }";
  const types = database.columns(query);
  const texts = await sql
    .unsafe(
      "select id::text, c0::text, c2::text, c3::text, c5::text, c7, c17, c21::text, c26::text from scalars order by scalars.id",
    )
    .values();
  const stream = await database.stream(query);
  const read = readApacheArrow(stream);
  expect(read.batches).toEqual([1_024, 8_192, 8_192, 2_592]);
  expect(read.rows).toEqual(
    texts.map((each) => types.map((type, index) => logical(type, each[index] as string | null))),
  );
});
