/** Input types of `orderBy`: one-of objects, so that the order of keys in a variable cannot matter. */
import { type GraphQLInputFieldConfig, GraphQLInputObjectType } from "graphql";
import { SIBLING_FIELD_SUFFIXES } from "../schema/generated-names.ts";
import type { ObjectType } from "../schema/model.ts";
import { aggregateOrderType } from "./aggregate-inputs.ts";
import { directionType, isOrderable } from "./order-direction.ts";
import type { Types } from "./types.ts";

/** `FilmOrderBy`; undefined for an object that has nothing to be ordered by. */
export function orderType(types: Types, object: ObjectType): GraphQLInputObjectType | undefined {
  const name = `${object.name}OrderBy`;
  if (!object.fields.some((field) => (field.kind === "scalar" && isOrderable(field)) || field.kind === "relation"))
    return undefined;
  return types.named(
    name,
    () =>
      new GraphQLInputObjectType({
        name,
        description: `One term of an order of ${object.name}; ties are broken by the following terms and then by the key.`,
        isOneOf: true,
        fields: () => {
          const fields: Record<string, GraphQLInputFieldConfig> = {};
          for (const field of object.fields) {
            if (field.kind === "scalar" && isOrderable(field)) fields[field.name] = { type: directionType(types) };
            if (field.kind !== "relation") continue;
            const target = types.object(field.type);
            if (field.cardinality === "one") {
              const nested = orderType(types, target);
              if (nested) fields[field.name] = { type: nested };
            } else if (field.siblings?.aggregate !== false) {
              fields[field.name + SIBLING_FIELD_SUFFIXES.aggregate] = { type: aggregateOrderType(types, target) };
            }
          }
          return fields;
        },
      }),
  );
}
