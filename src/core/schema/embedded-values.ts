/** Columns whose values the API shows as an object and takes as one: composites and ranges, and lists of them. */

import type { EmbeddedField, Field, ObjectType, ScalarField } from "./model.ts";
import { withoutDomains } from "./pg-types.ts";

/** A field over a column that mutations can set. */
export type ColumnField = ScalarField | EmbeddedField;

/** What an embedded field over a column holds. Documents in JSON are not among them: who sets one would lose the keys that no field shows. */
export function embeddedKind(field: Field): "composite" | "range" | undefined {
  if (field.kind !== "embedded" || field.value.from !== "column") return undefined;
  const outer = withoutDomains(field.value.type);
  const inner = outer.kind === "array" ? withoutDomains(outer.element) : outer;
  return inner.kind === "composite" || inner.kind === "range" ? inner.kind : undefined;
}

/** The column a mutation sets through the field; undefined where it sets none. */
export function columnSetBy(field: Field): string | undefined {
  if (field.kind === "relation" || field.value.from !== "column") return undefined;
  return field.kind === "scalar" || embeddedKind(field) !== undefined ? field.value.column : undefined;
}

/** The field by which a mutation sets a column. */
export function fieldThatSets(object: ObjectType, column: string): ColumnField {
  const found = object.fields.find((field) => columnSetBy(field) === column);
  if (!found || found.kind === "relation") throw new TypeError(`no field of ${object.name} sets the column ${column}`);
  return found;
}
