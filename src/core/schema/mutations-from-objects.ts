/** Generated mutations: root fields under names made by rule. */
import type { ObjectType, WriteKind, WriteMutation } from "./model.ts";
import { capitalized, uncapitalized } from "./naming.ts";
import { plural } from "./plural.ts";
import { totalKey } from "./total-key.ts";
import { conflictKeys } from "./writable.ts";

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

/** All mutations an object allows, in the order of `WRITE_KINDS`. */
export function mutationsOf(object: ObjectType, nameOf: (kind: WriteKind) => string): readonly WriteMutation[] {
  if (!object.writable) return [];
  return WRITE_KINDS.filter((kind) => allowsWrite(object, kind)).map((kind) => ({
    name: nameOf(kind),
    kind,
    type: object.name,
  }));
}
