/** Generated mutations: which columns of a table they may set, and the root fields under names made by rule. */
import type { CatalogRelation } from "./catalog.ts";
import { columnSetBy } from "./embedded-values.ts";
import type { Field, Key, ObjectType, WritableColumn, WriteKind, WriteMutation } from "./model.ts";
import { capitalized, uncapitalized } from "./naming.ts";
import { plural } from "./plural.ts";
import { totalKey } from "./total-key.ts";

export const WRITE_KINDS = [
  "insert",
  "insertMany",
  "upsert",
  "upsertMany",
  "update",
  "updateMany",
  "delete",
  "deleteMany",
] as const satisfies readonly WriteKind[];

/** `insertFilm` for one row, `insertFilms` for many; a word that is its own plural takes `List`. */
export function mutationName(object: string, kind: WriteKind): string {
  const verb = kind.replace(/Many$/, "");
  const many = plural(uncapitalized(object));
  const name = kind === verb ? object : many === uncapitalized(object) ? `${object}List` : capitalized(many);
  return verb + name;
}

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

/** Whether an object can have a mutation at all: one row is named by its key, and an upsert needs one that can be given. */
function allowsWrite(object: Pick<ObjectType, "keys" | "writable">, kind: WriteKind): boolean {
  const { writable = [], keys } = object;
  switch (kind) {
    case "insert":
    case "insertMany":
    case "updateMany":
      return writable.length > 0;
    case "upsert":
    case "upsertMany":
      return conflictKeys(object).length > 0;
    case "update":
      return writable.length > 0 && totalKey(keys) !== undefined;
    case "delete":
      return totalKey(keys) !== undefined;
    case "deleteMany":
      return true;
  }
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

/** All mutations an object allows, in the order of `WRITE_KINDS`. */
export function mutationsOf(object: ObjectType, nameOf: (kind: WriteKind) => string): readonly WriteMutation[] {
  if (!object.writable) return [];
  return WRITE_KINDS.filter((kind) => allowsWrite(object, kind)).map((kind) => ({
    name: nameOf(kind),
    kind,
    type: object.name,
  }));
}
