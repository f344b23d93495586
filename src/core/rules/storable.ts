/** Rules are kept as JSON in PostgreSQL. A file or a request can hold what that cannot. */
import { ExactNumber, type JsonObject, type JsonValue } from "../events/json.ts";
import type { RuleProblem } from "./problem.ts";

type Keys = readonly (string | number)[];

/** What is nested deeper is refused by who reads it. */
const DEPTH_MAX = 600;
const HALF_CHARACTER = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/** Texts with half a character, a surrogate without its other, wherever they stand. */
export function brokenTexts(value: unknown, path: Keys = []): readonly RuleProblem[] {
  if (typeof value === "string") {
    return HALF_CHARACTER.test(value) ? [{ path, message: "this holds half a character (a lone surrogate)" }] : [];
  }
  return entriesOf(value, path).flatMap(([key, each]) => brokenTexts(each, [...path, key]));
}

/** Where a file says `undefined`, or leaves a place in a list empty. */
export function missingValues(value: unknown, path: Keys = []): readonly RuleProblem[] {
  if (value === undefined) return [{ path, message: "there is no value here (undefined)" }];
  return entriesOf(value, path).flatMap(([key, each]) => missingValues(each, [...path, key]));
}

/** As JSON has it: a key whose value is undefined is not there. */
export function withoutMissing(value: JsonValue, depth = 0): JsonValue {
  if (typeof value !== "object" || value === null || value instanceof ExactNumber || depth > DEPTH_MAX) return value;
  if (Array.isArray(value)) return Array.from(value, (each: JsonValue) => withoutMissing(each ?? null, depth + 1));
  const given = Object.entries(value as JsonObject).filter(([, each]) => each !== undefined);
  return Object.fromEntries(given.map(([key, each]) => [key, withoutMissing(each, depth + 1)]));
}

function entriesOf(value: unknown, { length }: Keys): readonly (readonly [string | number, unknown])[] {
  if (typeof value !== "object" || value === null || value instanceof ExactNumber || length > DEPTH_MAX) return [];
  return Array.isArray(value) ? Array.from(value, (each, at) => [at, each] as const) : Object.entries(value);
}
