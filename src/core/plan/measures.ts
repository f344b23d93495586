/** What can be measured over the rows of a list, and the type of the answer, as PostgreSQL's aggregate functions define it. */
import type { PgType } from "../schema/catalog.ts";
import type { ScalarField } from "../schema/model.ts";
import { withoutDomains } from "../schema/pg-types.ts";
import { operatorFamilies } from "./operator-families.ts";
import type { MeasureFunction } from "./plan.ts";

export type FieldMeasure = Exclude<MeasureFunction, "count">;

export const FIELD_MEASURES: readonly { readonly name: FieldMeasure; readonly description: string }[] = [
  { name: "countDistinct", description: "Different values, nulls left out." },
  { name: "sum", description: "Sum of the values that are not null; null over no value." },
  { name: "avg", description: "Mean of the values that are not null; null over no value." },
  { name: "min", description: "Smallest value; null over no value." },
  { name: "max", description: "Greatest value; null over no value." },
];

/** Result type per argument type: scalar of the API and type of PostgreSQL. Source: PostgreSQL manual, "Aggregate Functions". */
const SUMS: Readonly<Record<string, readonly [scalar: string, pg: string]>> = {
  int2: ["BigInt", "int8"],
  int4: ["BigInt", "int8"],
  int8: ["Decimal", "numeric"],
  numeric: ["Decimal", "numeric"],
  float4: ["Float", "float4"],
  float8: ["Float", "float8"],
  interval: ["Duration", "interval"],
};
const AVERAGES: typeof SUMS = {
  int2: ["Decimal", "numeric"],
  int4: ["Decimal", "numeric"],
  int8: ["Decimal", "numeric"],
  numeric: ["Decimal", "numeric"],
  float4: ["Float", "float8"],
  float8: ["Float", "float8"],
  interval: ["Duration", "interval"],
};
/** Types with an order but without `min` and `max` in every supported PostgreSQL. */
const NO_EXTREMES = new Set(["uuid", "bytea", "macaddr", "macaddr8", "cidr"]);

/** Type of `function` over the field, or undefined where PostgreSQL has no such aggregate. */
export function measureType(
  name: FieldMeasure,
  field: ScalarField,
): { readonly type: string; readonly pg: PgType } | undefined {
  if (field.list) return undefined;
  const pg = withoutDomains(field.value.type);
  const families = operatorFamilies(pg);
  switch (name) {
    case "countDistinct":
      return families.includes("equality") ? { type: "Int", pg: { kind: "base", name: "int8" } } : undefined;
    case "sum":
      return fromTable(SUMS, pg);
    case "avg":
      return fromTable(AVERAGES, pg);
    case "min":
    case "max":
      return families.includes("order") && !(pg.kind === "base" && NO_EXTREMES.has(pg.name))
        ? { type: field.type, pg }
        : undefined;
  }
}

function fromTable(table: typeof SUMS, pg: PgType): { type: string; pg: PgType } | undefined {
  const row = pg.kind === "base" ? table[pg.name] : undefined;
  return row && { type: row[0], pg: { kind: "base", name: row[1] } };
}

const BUCKETED = new Set(["timestamptz", "timestamp", "date"]);

export const TIME_BUCKETS = ["second", "minute", "hour", "day", "week", "month", "quarter", "year"] as const;

/** Whether values of the type can be grouped by spans of time. */
export function isBucketed(type: PgType): boolean {
  const pg = withoutDomains(type);
  return pg.kind === "base" && BUCKETED.has(pg.name);
}
