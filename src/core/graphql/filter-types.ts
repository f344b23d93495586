/** Input types of `where`, made from the operator table and the model. */
import {
  GraphQLBoolean,
  type GraphQLInputFieldConfig,
  GraphQLInputObjectType,
  type GraphQLInputType,
  GraphQLList,
  GraphQLNonNull,
  GraphQLString,
} from "graphql";
import { operatorFamilies } from "../plan/operator-families.ts";
import { type Operator, operatorsOf } from "../plan/operators.ts";
import type { PgType } from "../schema/catalog.ts";
import type { ObjectType, ScalarField } from "../schema/model.ts";
import { withoutDomains } from "../schema/pg-types.ts";
import type { Types } from "./types.ts";

type Fields = Record<string, GraphQLInputFieldConfig>;

/** The `where` input of an object: its fields, its relations, and `and` / `or` / `not`. */
export function whereType(types: Types, object: ObjectType): GraphQLInputObjectType {
  const name = `${object.name}Where`;
  return types.named(
    name,
    () =>
      new GraphQLInputObjectType({
        name,
        description: `Which rows of ${object.name}: all given conditions together.`,
        fields: () => {
          const self = new GraphQLNonNull(whereType(types, object));
          const fields: Fields = {
            and: { type: new GraphQLList(self), description: "Every one of the conditions." },
            or: {
              type: new GraphQLList(self),
              description: "At least one of the conditions; an empty list matches nothing.",
            },
            not: {
              type: whereType(types, object),
              description: "Not the condition; unknown stays unknown, as in SQL.",
            },
          };
          for (const field of object.fields) {
            if (field.kind === "scalar") fields[field.name] = { type: filterType(types, field) };
            if (field.kind === "relation") {
              const target = types.object(field.type);
              fields[field.name] = {
                type: field.cardinality === "one" ? whereType(types, target) : listWhereType(types, target),
              };
            }
          }
          return fields;
        },
      }),
  );
}

function listWhereType(types: Types, object: ObjectType): GraphQLInputObjectType {
  const name = `${object.name}ListWhere`;
  return types.named(
    name,
    () =>
      new GraphQLInputObjectType({
        name,
        description: `Conditions on a list of ${object.name}.`,
        fields: () => ({
          some: { type: whereType(types, object), description: "At least one row matches." },
          none: { type: whereType(types, object), description: "No row matches." },
          every: { type: whereType(types, object), description: "Every row matches; true for an empty list." },
        }),
      }),
  );
}

/** The operators of one column. */
function filterType(types: Types, field: Pick<ScalarField, "type" | "list" | "value">): GraphQLInputObjectType {
  return filterTypeOf(types, field.type, field.value.type);
}

/** @param leaf - the name of the scalar or enum; a type without operators of its own can be asked for null and no more */
export function filterTypeOf(types: Types, leaf: string, type: PgType): GraphQLInputObjectType {
  const isArray = withoutDomains(type).kind === "array";
  const opaque = operatorFamilies(type).length === 0;
  const name = `${opaque ? "Opaque" : leaf}${isArray ? "ListFilter" : "Filter"}`;
  return types.named(name, () => {
    const self = opaque ? GraphQLString : types.leaf(leaf);
    const fields: Fields = {
      isNull: { type: GraphQLBoolean, description: "True: has no value. False: has a value." },
    };
    for (const operator of operatorsOf(type)) {
      fields[operator.name] = { type: operandType(operator, self), description: operator.description };
    }
    if (isArray) {
      fields["length"] = {
        type: filterTypeOf(types, "Int", { kind: "base", name: "int4" }),
        description: "Compares the number of elements.",
      };
    }
    return new GraphQLInputObjectType({ name, fields });
  });
}

function operandType(operator: Operator, self: GraphQLInputType): GraphQLInputType {
  switch (operator.operand) {
    case "self":
    case "json":
      return self;
    case "list":
      return new GraphQLList(new GraphQLNonNull(self));
    case "texts":
      return new GraphQLList(new GraphQLNonNull(GraphQLString));
    case "text":
    case "jsonpath":
      return GraphQLString;
  }
}
