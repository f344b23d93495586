/**
 * Values as fields of CSV. They have the texts they have in JSON, without its quotes; what may hold a comma, a quote or
 * a line end is always in quotes, so an absent value (nothing) and an empty text (`""`) differ.
 * https://www.rfc-editor.org/rfc/rfc4180
 */
import type { ScalarShape } from "../../plan/plan.ts";
import { withoutDomains } from "../../schema/pg-types.ts";
import { encodeScalar } from "../codec.ts";
import { type Fragment, join, literal, sql } from "../fragment.ts";
import { type JsonText, textOf } from "../json-text.ts";
import type { Rendering } from "../scope.ts";

/** Types whose JSON is a number, a truth value or a plain text between quotes. */
const PLAIN: ReadonlySet<string> = new Set([
  ...["int2", "int4", "int8", "numeric", "float4", "float8", "bool", "uuid", "bytea"],
  ...["time", "timetz", "interval", "cidr", "macaddr", "macaddr8"],
]);
/** Types whose JSON is made by PostgreSQL's own function, quotes included. */
const DATED: ReadonlySet<string> = new Set(["date", "timestamp", "timestamptz", "inet"]);

/** The text in quotes, those in it doubled. */
export const quotedField = (text: Fragment): Fragment => sql`('"' || replace(${text}, '"', '""') || '"')`;

/** SQL null where the value is null or has no text. */
export function scalarField(value: Fragment, shape: ScalarShape, rendering: Rendering): Fragment {
  const type = withoutDomains(shape.type);
  if (shape.list) return quotedField(textOf(encodeScalar(value, shape, rendering)));
  if (shape.enum) {
    const cases = shape.enum.values.map(({ label, name }) => sql`when ${literal(label)} then ${literal(name)}`);
    return sql`case ${value}::text ${join(cases, " ")} end`;
  }
  // Labels that are names hold nothing to quote.
  if (type.kind === "enum") return sql`${value}::text`;
  if (type.kind !== "base") return quotedField(sql`${value}::text`);
  if (DATED.has(type.name)) return sql`btrim(${rendering.scalarJson(value)}::text, '"')`;
  if (PLAIN.has(type.name)) return textOf(withoutQuotes(encodeScalar(value, shape, rendering)));
  return quotedField(sql`${value}::text`);
}

function withoutQuotes(text: JsonText): JsonText {
  return text.filter((part) => part !== '"');
}

/** A constant of the plan, written as it stands in JSON. */
export function constantField(json: string): Fragment {
  const value: unknown = JSON.parse(json);
  const text = typeof value === "string" ? value : json;
  return sql`${literal(/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)}::text`;
}
