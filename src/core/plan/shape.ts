/** How a value of a scalar stands in the JSON. */
import type { PgType } from "../schema/catalog.ts";
import type { Lookup } from "../schema/lookup.ts";
import { withoutDomains } from "../schema/pg-types.ts";
import type { ScalarShape } from "./plan.ts";

/** Types with values that have no JSON form and are shown as null. */
export function hasNullForm({ list, type }: ScalarShape): boolean {
  return !list && type.kind === "base" && NULL_FORMED.has(type.name);
}

const NULL_FORMED = new Set(["float4", "float8", "json", "jsonb"]);

/** `name` is a scalar or an enum of the model. An enum matters only where a label and its name differ. */
export function shapeOf(lookup: Lookup, name: string, type: PgType, list: boolean): ScalarShape {
  const found = lookup.enum(name);
  const escaped = found?.values.some((value) => value.name !== value.label);
  return { type: withoutDomains(type), list, ...(found && escaped && { enum: found }) };
}
