/** Aggregates over rows in memory; only the arithmetic is PostgreSQL's. */
import type { PgType } from "../../../src/core/schema/catalog.ts";
import type { ObjectType, ValueSource } from "../../../src/core/schema/model.ts";
import { type Held, type Store, VALUE } from "./store.ts";
import { baseName, baseType, type Text } from "./text-forms.ts";

export type MeasureName = "count" | "countDistinct" | "sum" | "avg" | "min" | "max";

/** The measure of each list of rows, as text. */
export async function measureTexts(
  store: Store,
  object: ObjectType,
  measure: MeasureName,
  value: ValueSource | undefined,
  groups: readonly (readonly Held[])[],
): Promise<readonly Text[]> {
  if (measure === "count" || !value) return groups.map((rows) => String(rows.length));
  const texts = groups.map((rows) => rows.map((held) => store.textOf(held, value)).filter((text) => text !== null));
  if (measure === "sum" || measure === "avg") return store.measure(`${measure}(${VALUE})::text`, value.type, texts);
  const rank = await store.ranks({ object, value });
  if (measure === "countDistinct") return texts.map((list) => String(new Set(list.map(rank)).size));
  const better = (a: string, b: string): boolean => (measure === "min" ? rank(b) < rank(a) : rank(b) > rank(a));
  return texts.map((list) =>
    list.length === 0 ? null : list.reduce((best, text) => (better(best, text) ? text : best)),
  );
}

const base = (name: string): PgType => ({ kind: "base", name });

export function measurePgType(measure: MeasureName, type: PgType | undefined): PgType {
  if (measure === "count" || measure === "countDistinct" || !type) return base("int8");
  if (measure === "min" || measure === "max") return baseType(type);
  const name = baseName(type);
  if (name === "interval") return base("interval");
  if (name.startsWith("float")) return base(measure === "sum" ? name : "float8");
  return base(measure === "sum" && name !== "int8" && name !== "numeric" ? "int8" : "numeric");
}
