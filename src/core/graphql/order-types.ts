/** Input types of `orderBy`: one-of objects, so that the order of keys in a variable cannot matter. */
import { GraphQLEnumType, type GraphQLInputFieldConfig, GraphQLInputObjectType } from "graphql";
import { operatorFamilies } from "../plan/operators.ts";
import { SIBLING_FIELD_SUFFIXES } from "../schema/generated-names.ts";
import type { ObjectType, ScalarField } from "../schema/model.ts";
import { aggregateOrderType } from "./aggregate-inputs.ts";
import type { Types } from "./types.ts";

export type OrderDirection = { readonly direction: "asc" | "desc"; readonly nulls: "first" | "last" };

const DIRECTIONS: Readonly<Record<string, OrderDirection & { description: string }>> = {
  ASC: { direction: "asc", nulls: "last", description: "Smallest first, nulls last." },
  DESC: { direction: "desc", nulls: "last", description: "Greatest first, nulls last." },
  ASC_NULLS_FIRST: { direction: "asc", nulls: "first", description: "Nulls, then smallest first." },
  DESC_NULLS_FIRST: { direction: "desc", nulls: "first", description: "Nulls, then greatest first." },
};

/** Directions are structural: they are part of the statement, so each combination has its own plan. */
export function directionType(types: Types): GraphQLEnumType {
  return types.named(
    "OrderDirection",
    () =>
      new GraphQLEnumType({
        name: "OrderDirection",
        extensions: { structural: true },
        values: Object.fromEntries(
          Object.entries(DIRECTIONS).map(([name, row]) => [name, { value: name, description: row.description }]),
        ),
      }),
  );
}

export function orderDirection(name: string): OrderDirection {
  const row = DIRECTIONS[name];
  if (!row) throw new TypeError(`unknown direction ${name}`);
  return row;
}

export const isOrderable = (field: ScalarField): boolean =>
  !field.list && operatorFamilies(field.value.type).includes("equality") && field.type !== "JSON";

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
