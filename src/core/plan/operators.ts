/**
 * The one table of filter operators. Input types, SQL, documentation and error messages are made from its rows: to add
 * an operator, add a row (and, for a new family, say in `operatorFamilies` which column types have it).
 */

import type { PgType } from "../schema/catalog.ts";
import { type Fragment, sql } from "../sql/fragment.ts";
import { type OperatorFamily, operatorFamilies } from "./operator-families.ts";

/** What the operand is: a value of the column's own type, a list of such, or a value of a fixed type. */
export type Operand = "self" | "list" | "text" | "texts" | "json" | "jsonpath";

export type Operator = {
  readonly name: string;
  readonly family: OperatorFamily;
  readonly operand: Operand;
  readonly description: string;
  readonly sql: (value: Fragment, operand: Fragment) => Fragment;
  /** How a text operand becomes a LIKE pattern. */
  readonly pattern?: (text: string) => string;
};

const escapePattern = (text: string): string => text.replaceAll(/[\\%_]/g, (character) => `\\${character}`);
const starts = (text: string): string => `${escapePattern(text)}%`;
const ends = (text: string): string => `%${escapePattern(text)}`;
const contains = (text: string): string => `%${escapePattern(text)}%`;

/** Of those that look into a text. */
const TEXT = { family: "text", operand: "text" } as const;

export const OPERATORS: readonly Operator[] = [
  { name: "eq", family: "equality", operand: "self", description: "Equal.", sql: (v, o) => sql`${v} = ${o}` },
  {
    name: "neq",
    family: "equality",
    operand: "self",
    description: "Not equal; rows with null are left out, as in SQL.",
    sql: (v, o) => sql`${v} <> ${o}`,
  },
  {
    name: "in",
    family: "equality",
    operand: "list",
    description: "Equal to one of the list; an empty list matches nothing.",
    sql: (v, o) => sql`${v} = any(${o})`,
  },
  {
    name: "notIn",
    family: "equality",
    operand: "list",
    description: "Equal to none of the list; rows with null are left out.",
    sql: (v, o) => sql`${v} <> all(${o})`,
  },
  { name: "gt", family: "order", operand: "self", description: "Greater than.", sql: (v, o) => sql`${v} > ${o}` },
  {
    name: "gte",
    family: "order",
    operand: "self",
    description: "Greater than or equal.",
    sql: (v, o) => sql`${v} >= ${o}`,
  },
  { name: "lt", family: "order", operand: "self", description: "Less than.", sql: (v, o) => sql`${v} < ${o}` },
  {
    name: "lte",
    family: "order",
    operand: "self",
    description: "Less than or equal.",
    sql: (v, o) => sql`${v} <= ${o}`,
  },
  {
    name: "like",
    ...TEXT,
    description: "SQL LIKE: % any text, _ one character.",
    sql: (v, o) => sql`${v} like ${o}`,
  },
  {
    name: "notLike",
    ...TEXT,
    description: "Not LIKE.",
    sql: (v, o) => sql`${v} not like ${o}`,
  },
  {
    name: "ilike",
    ...TEXT,
    description: "LIKE, ignoring case.",
    sql: (v, o) => sql`${v} ilike ${o}`,
  },
  {
    name: "notIlike",
    ...TEXT,
    description: "Not LIKE, ignoring case.",
    sql: (v, o) => sql`${v} not ilike ${o}`,
  },
  {
    name: "startsWith",
    ...TEXT,
    description: "Begins with the text.",
    pattern: starts,
    sql: (v, o) => sql`${v} like ${o}`,
  },
  {
    name: "istartsWith",
    ...TEXT,
    description: "Begins with the text, ignoring case.",
    pattern: starts,
    sql: (v, o) => sql`${v} ilike ${o}`,
  },
  {
    name: "endsWith",
    ...TEXT,
    description: "Ends with the text.",
    pattern: ends,
    sql: (v, o) => sql`${v} like ${o}`,
  },
  {
    name: "iendsWith",
    ...TEXT,
    description: "Ends with the text, ignoring case.",
    pattern: ends,
    sql: (v, o) => sql`${v} ilike ${o}`,
  },
  {
    name: "contains",
    ...TEXT,
    description: "Contains the text.",
    pattern: contains,
    sql: (v, o) => sql`${v} like ${o}`,
  },
  {
    name: "icontains",
    ...TEXT,
    description: "Contains the text, ignoring case.",
    pattern: contains,
    sql: (v, o) => sql`${v} ilike ${o}`,
  },
  {
    name: "regex",
    ...TEXT,
    description: "Matches the POSIX regular expression.",
    sql: (v, o) => sql`${v} ~ ${o}`,
  },
  {
    name: "iregex",
    ...TEXT,
    description: "Matches the POSIX regular expression, ignoring case.",
    sql: (v, o) => sql`${v} ~* ${o}`,
  },
  {
    name: "contains",
    family: "array",
    operand: "list",
    description: "Holds every element of the list.",
    sql: (v, o) => sql`${v} @> ${o}`,
  },
  {
    name: "containedBy",
    family: "array",
    operand: "list",
    description: "Holds no element but those of the list.",
    sql: (v, o) => sql`${v} <@ ${o}`,
  },
  {
    name: "overlaps",
    family: "array",
    operand: "list",
    description: "Holds at least one element of the list.",
    sql: (v, o) => sql`${v} && ${o}`,
  },
  {
    name: "contains",
    family: "json",
    operand: "json",
    description: "Contains the JSON value (jsonb @>).",
    sql: (v, o) => sql`${v} @> ${o}`,
  },
  {
    name: "containedBy",
    family: "json",
    operand: "json",
    description: "Is contained in the JSON value (jsonb <@).",
    sql: (v, o) => sql`${v} <@ ${o}`,
  },
  {
    name: "hasKey",
    family: "json",
    operand: "text",
    description: "Has the top-level key or string element.",
    sql: (v, o) => sql`${v} ? ${o}`,
  },
  {
    name: "hasAllKeys",
    family: "json",
    operand: "texts",
    description: "Has every one of the keys.",
    sql: (v, o) => sql`${v} ?& ${o}`,
  },
  {
    name: "hasAnyKey",
    family: "json",
    operand: "texts",
    description: "Has one of the keys.",
    sql: (v, o) => sql`${v} ?| ${o}`,
  },
  {
    name: "pathExists",
    family: "json",
    operand: "jsonpath",
    description: 'The SQL/JSON path finds something, e.g. `$.tags[*] ? (@ == "new")`.',
    sql: (v, o) => sql`${v} @? ${o}`,
  },
  {
    name: "pathMatches",
    family: "json",
    operand: "jsonpath",
    description: "The SQL/JSON path predicate is true, e.g. `$.price > 10`.",
    sql: (v, o) => sql`${v} @@ ${o}`,
  },
];

/** Every operator values of the type can be compared by, in the order of the table. */
export function operatorsOf(type: PgType): readonly Operator[] {
  const families = operatorFamilies(type);
  return OPERATORS.filter((operator) => families.includes(operator.family));
}
