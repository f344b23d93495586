/** Root fields of objects with rows: the list and its siblings, and one row by each key. */
import type { Key, ObjectType, QueryField } from "../model.ts";
import { capitalized, uncapitalized } from "../naming.ts";
import { plural } from "../plural.ts";
import { totalKey } from "../total-key.ts";
import type { NameScope } from "./name-scope.ts";
import { namesOfList } from "./type-names.ts";

/** @param scope names of root fields. */
export function queriesOf(object: ObjectType, scope: NameScope): readonly QueryField[] {
  const one = uncapitalized(object.name);
  const many = plural(one);
  const keys = object.keys.map((key, index): QueryField => {
    const candidates = key.primary ? [one, byFields(one, object, key)] : [byFields(one, object, key)];
    const name = scope.claim(candidates, `Query ${candidates[0]}`);
    return { name, kind: "one", type: object.name, key: index };
  });
  const list = scope.claim(many === one ? [`${one}List`] : [many, `${one}List`], `Query ${many}`, namesOfList);
  const { name: type } = object;
  // A cursor names a row by its key.
  const kinds = totalKey(object.keys)
    ? (["connection", "aggregate", "groups"] as const)
    : (["aggregate", "groups"] as const);
  const siblings = kinds.map((kind): QueryField => ({ name: list + capitalized(kind), kind, type }));
  return [{ name: list, kind: "list", type }, ...keys, ...siblings];
}

function byFields(one: string, object: ObjectType, key: Key): string {
  const names = key.columns.map(({ column }) => {
    const field = object.fields.find(
      (each) => each.kind === "scalar" && each.value.from === "column" && each.value.column === column,
    );
    return capitalized(field?.name ?? column);
  });
  return `${one}By${names.join("And")}`;
}
