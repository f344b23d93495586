/** Input types for values that are objects in the API and one column in PostgreSQL: composites and ranges. */
import {
  GraphQLBoolean,
  type GraphQLInputFieldConfigMap,
  GraphQLInputObjectType,
  type GraphQLInputType,
  GraphQLList,
} from "graphql";
import { columnSetBy, embeddedKind } from "../schema/embedded-values.ts";
import type { EmbeddedField, ObjectType, ScalarField } from "../schema/model.ts";
import type { Types } from "./types.ts";

/** The input of a field that mutations set; undefined for an object of which nothing can be set. */
export function columnInput(types: Types, field: ScalarField | EmbeddedField): GraphQLInputType | undefined {
  const inner = field.kind === "scalar" ? types.leaf(field.type) : valueInput(types, field);
  return inner && field.list ? new GraphQLList(inner) : inner;
}

function valueInput(types: Types, field: EmbeddedField): GraphQLInputObjectType | undefined {
  const object = types.object(field.type);
  const isRange = embeddedKind(field) === "range";
  const fields = isRange ? rangeFields(types, object) : attributeFields(types, object);
  if (Object.keys(fields).length === 0) return undefined;
  const name = `${object.name}Insert`;
  return types.named(
    name,
    () =>
      new GraphQLInputObjectType({
        name,
        description: isRange
          ? `A value of ${object.name}. A bound that is left out is none; by itself the lower one is inclusive and the upper one is not.`
          : `A value of ${object.name}, as a whole: what is left out is null.`,
        // It is one parameter: what is in it does not decide the statement.
        extensions: { whole: true, range: isRange },
        fields,
      }),
  );
}

function attributeFields(types: Types, object: ObjectType): GraphQLInputFieldConfigMap {
  const fields: GraphQLInputFieldConfigMap = {};
  for (const field of object.fields) {
    const column = columnSetBy(field);
    if (column === undefined || field.kind === "relation") continue;
    const type = columnInput(types, field);
    if (type) fields[field.name] = { type, description: field.description ?? null, extensions: { column } };
  }
  return fields;
}

/** By what the fields of the object are, whatever an author calls them. */
function rangeFields(types: Types, object: ObjectType): GraphQLInputFieldConfigMap {
  const fields: GraphQLInputFieldConfigMap = {};
  for (const field of object.fields) {
    if (field.kind !== "scalar" || field.value.from !== "range") continue;
    const { part } = field.value;
    const type = part === "lower" || part === "upper" ? types.leaf(field.type) : GraphQLBoolean;
    fields[field.name] = { type, description: field.description ?? null, extensions: { part } };
  }
  return fields;
}
