/**
 * How a typed SQL value becomes JSON text. This is the written rule of every scalar:
 * numbers that JSON's readers keep exact are numbers (int2, int4, finite floats); int8 and numeric are strings; NaN and
 * infinities of floats are null; times are ISO 8601 in UTC, infinite ones PostgreSQL's own words; bytes are base64.
 */

import type { ScalarShape } from "../plan/plan.ts";
import type { PgType } from "../schema/catalog.ts";
import type { EnumType } from "../schema/model.ts";
import { innermost } from "../schema/pg-types.ts";
import { type Fragment, isColumn, join, literal, sql } from "./fragment.ts";
import { type JsonText, textOf } from "./json-text.ts";
import type { Rendering } from "./scope.ts";

type Encoding = Pick<Rendering, "alias" | "scalarJson">;
/** Parts, so that the quotes of a value merge with the constants around it. */
type Encode = (value: Fragment, encoding: Encoding) => JsonText;

const bare: Encode = (value) => [sql`${value}::text`];
const quoted: Encode = (value) => ['"', sql`${value}::text`, '"'];
const escaped: Encode = (value, { scalarJson }) => [sql`${scalarJson(sql`${value}::text`)}::text`];
/** Offsets of ISO 8601 have minutes, which PostgreSQL leaves out where they are zero; input wants them too. */
const zoned: Encode = (value) => ['"', sql`regexp_replace(${value}::text, '([+-][0-9][0-9])$', E'\\\\1:00')`, '"'];
/** PostgreSQL's own JSON form: of times ISO 8601 with `T`, of other types what the output function gives. */
const dated: Encode = (value, { scalarJson }) => [sql`${scalarJson(value)}::text`];
/** The difference is the cheaper test, but reads the value three times: only for a column. */
const finite: Encode = (value) =>
  isColumn(value)
    ? [sql`case when ${value} - ${value} = 0 then ${value}::text end`]
    : [sql`nullif(nullif(nullif(${value}::text, 'NaN'), 'Infinity'), '-Infinity')`];
const base64: Encode = (value) => ['"', sql`translate(encode(${value}, 'base64'), E'\\n', '')`, '"'];

const ENCODERS: Readonly<Record<string, Encode>> = {
  int2: bare,
  int4: bare,
  bool: bare,
  json: bare,
  jsonb: bare,
  float4: finite,
  float8: finite,
  int8: quoted,
  numeric: quoted,
  uuid: quoted,
  time: quoted,
  timetz: zoned,
  interval: quoted,
  // inet's cast to text adds the length to a single address; its output function does not.
  inet: dated,
  cidr: quoted,
  macaddr: quoted,
  macaddr8: quoted,
  date: quoted,
  timestamp: dated,
  timestamptz: dated,
  bytea: base64,
};

/** JSON text of a value, SQL null where the value is null or has no JSON form. */
export function encodeScalar(value: Fragment, shape: ScalarShape, encoding: Encoding): JsonText {
  if (shape.list && shape.type.kind === "array") return encodeArray(value, shape.type, shape.enum, encoding);
  return encodeOne(value, shape.type, shape.enum, encoding);
}

function encodeOne(value: Fragment, type: PgType, labels: EnumType | undefined, encoding: Encoding): JsonText {
  if (type.kind === "domain") return encodeOne(value, type.base, labels, encoding);
  if (labels) return encodeLabel(value, labels);
  if (type.kind === "enum") return quoted(value, encoding);
  return ((type.kind === "base" && ENCODERS[type.name]) || escaped)(value, encoding);
}

/** Labels that are no GraphQL names are shown by the names the schema gives them. */
function encodeLabel(value: Fragment, labels: EnumType): JsonText {
  const cases = labels.values.map(
    ({ label, name }) => sql`when ${literal(label)} then ${literal(JSON.stringify(name))}`,
  );
  return [sql`case ${value}::text ${join(cases, " ")} end`];
}

/** Elements in order, those of inner arrays one after the other, as PostgreSQL stores them. */
function encodeArray(value: Fragment, type: PgType, labels: EnumType | undefined, encoding: Encoding): JsonText {
  const element = innermost(type);
  const row = encoding.alias();
  const text = textOf(encodeOne(sql`${row}.v`, element, labels, encoding));
  return [
    sql`case when ${value} is not null then (select '[' || coalesce(string_agg(coalesce(${text}, 'null'), ',' order by ${row}.n), '') || ']' from unnest(${value}) with ordinality as ${row}(v, n)) end`,
  ];
}
