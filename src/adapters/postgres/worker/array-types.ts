/** Arrays of one dimension, there and back: https://www.postgresql.org/docs/18/arrays.html#ARRAYS-IO */
import type { PostgresType } from "postgres";

type Element = string | number | boolean | null;

const arrayOf = (oid: number, read: (text: string) => Element): PostgresType => ({
  to: oid,
  from: [oid],
  serialize: (elements: readonly Element[] | string) => (typeof elements === "string" ? elements : arrayText(elements)),
  parse: (text: string) => readArray(text).map((element) => (element === null ? null : read(element))),
});

/** By the OIDs of the array types that never change. */
export const ARRAY_TYPES: Record<string, PostgresType> = {
  booleans: arrayOf(1000, (text) => text === "t"),
  smallints: arrayOf(1005, Number),
  integers: arrayOf(1007, Number),
  texts: arrayOf(1009, String),
  varchars: arrayOf(1015, String),
  bigints: arrayOf(1016, String),
  doubles: arrayOf(1022, Number),
  times: arrayOf(1185, String),
  numerics: arrayOf(1231, String),
  uuids: arrayOf(2951, String),
  documents: arrayOf(3807, String),
};

/** A list as PostgreSQL's text form of an array of one dimension. */
export function arrayText(elements: readonly Element[]): string {
  return `{${elements.map((element) => (element === null ? "NULL" : quoted(String(element)))).join(",")}}`;
}

const quoted = (text: string): string => `"${text.replace(/[\\"]/g, "\\$&")}"`;

function readArray(text: string): (string | null)[] {
  const found: (string | null)[] = [];
  for (const [, inQuotes, bare] of text.slice(1, -1).matchAll(/"((?:[^"\\]|\\.)*)"|([^,"]+)/gs)) {
    if (inQuotes !== undefined) found.push(inQuotes.replace(/\\(.)/gs, "$1"));
    else found.push(bare === "NULL" ? null : (bare ?? ""));
  }
  return found;
}
