/** Arguments that name a row by a key. */
import { type GraphQLFieldConfigArgumentMap, GraphQLNonNull } from "graphql";
import type { ObjectType, ScalarField } from "../schema/model.ts";
import type { Types } from "./types.ts";

/** One argument for each column of the key, named as the field that shows the column. */
export function keyArguments(types: Types, object: ObjectType, index: number): GraphQLFieldConfigArgumentMap {
  const args: GraphQLFieldConfigArgumentMap = {};
  for (const { column } of object.keys[index]?.columns ?? []) {
    const field = columnField(object, column);
    args[field.name] = { type: new GraphQLNonNull(types.leaf(field.type)) };
  }
  return args;
}

/** The field that shows a column. */
export function columnField(object: ObjectType, column: string): ScalarField {
  for (const field of object.fields) {
    if (field.kind === "scalar" && field.value.from === "column" && field.value.column === column) return field;
  }
  throw new TypeError(`no field of ${object.name} shows the column ${column}`);
}
