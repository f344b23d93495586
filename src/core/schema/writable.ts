/** What generated mutations may set, and by which keys a new row meets one that is there. */
import type { CatalogRelation } from "./catalog.ts";
import { columnSetBy } from "./embedded-values.ts";
import type { Field, Key, ObjectType, WritableColumn } from "./model.ts";

/** Columns of a table that PostgreSQL does not make itself. */
export function settableColumns(relation: CatalogRelation): readonly WritableColumn[] {
  return relation.columns
    .filter(({ generated, identity }) => !generated && identity !== "always")
    .map(({ name, notNull, hasDefault, identity }) => ({
      column: name,
      required: notNull && !hasDefault && !identity,
    }));
}

/** Columns that a new row has to give. */
export function requiredColumns(relation: CatalogRelation): readonly string[] {
  return settableColumns(relation).flatMap(({ column, required }) => (required ? [column] : []));
}

/** Those of them that a field shows. */
export function writableColumns(
  columns: readonly WritableColumn[],
  fields: readonly Field[],
): readonly WritableColumn[] {
  const shown = new Set(fields.map(columnSetBy));
  return columns.filter(({ column }) => shown.has(column));
}

/** Keys by which a new row can meet one that is there, by their place among the object's keys. */
export function conflictKeys({ keys, writable = [] }: Pick<ObjectType, "keys" | "writable">): readonly number[] {
  const columns = new Set(writable.map(({ column }) => column));
  const canMeet = (key: Key): boolean => !key.deferrable && key.columns.every(({ column }) => columns.has(column));
  return keys.flatMap((key, index) => (canMeet(key) ? [index] : []));
}

/** Whether one of the keys over these columns is deferrable: `on conflict` refuses them all then. */
export function isDeferrable({ keys }: CatalogRelation, columns: readonly string[]): boolean {
  return keys.some(
    (key) =>
      key.deferrable &&
      key.columns.length === columns.length &&
      key.columns.every((column) => columns.includes(column)),
  );
}
