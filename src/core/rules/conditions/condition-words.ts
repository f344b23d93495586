/** The words and signs of the two forms of a condition, each beside what it is in the tree. */
import type { ArithmeticOperator, Comparison } from "./condition.ts";

export const COMPARISON_SIGNS = {
  eq: "=",
  neq: "!=",
  gt: ">",
  gte: ">=",
  lt: "<",
  lte: "<=",
} as const satisfies Record<Comparison, string>;

export const ARITHMETIC_SIGNS = {
  add: "+",
  subtract: "-",
  multiply: "*",
  divide: "/",
  remainder: "%",
} as const satisfies Record<ArithmeticOperator, string>;

/** What is written like a function, and the operator of the JSON form. */
export const CALLS = {
  changed: "_changed",
  changed_from: "_changed_from",
  changed_to: "_changed_to",
  contains: "_contains",
  has_key: "_has_key",
} as const;

/** Words that stand between values. As names of columns they are written in double quotes. */
export const WORDS = ["in", "not", "is", "null", "like", "ilike", "true", "false", "json"] as const;
/** Names with a meaning of their own at the beginning of a path. */
export const ROOTS = ["old", "new", "claims", "op", "now"] as const;

export const JSON_ARITHMETIC = {
  _add: "add",
  _sub: "subtract",
  _mul: "multiply",
  _div: "divide",
  _mod: "remainder",
} as const satisfies Record<string, ArithmeticOperator>;

/** The keys under a field in the JSON form. */
export const JSON_OPERATORS = [
  "_eq",
  "_neq",
  "_gt",
  "_gte",
  "_lt",
  "_lte",
  "_in",
  "_nin",
  "_is_null",
  "_like",
  "_ilike",
  "_contains",
  "_has_key",
  "_changed",
  "_changed_from",
  "_changed_to",
] as const;
export type JsonOperator = (typeof JSON_OPERATORS)[number];

/** A plain name needs no quotes. */
export function isPlainName(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name);
}

/** Whether a plain name at the beginning of a path would be read as something else than a column. */
export function isReserved(name: string): boolean {
  return RESERVED.has(name);
}

/** Keys of the JSON form that are no paths. */
const JSON_KEYS = ["_and", "_or", "_not", "_value"];
const RESERVED: ReadonlySet<string> = new Set([...WORDS, ...ROOTS, ...Object.keys(CALLS), ...JSON_KEYS]);
