/** Input types over aggregates and groups: what to group by, `having`, and orders by a measure. */
import {
  GraphQLBoolean,
  GraphQLEnumType,
  type GraphQLInputFieldConfig,
  GraphQLInputObjectType,
  GraphQLList,
  GraphQLNonNull,
} from "graphql";
import { FIELD_MEASURES, type FieldMeasure, isBucketed, measureType, TIME_BUCKETS } from "../plan/measures.ts";
import type { ObjectType } from "../schema/model.ts";
import { capitalized } from "../schema/naming.ts";
import { isGroupable } from "./aggregate-types.ts";
import { filterTypeOf } from "./filter-types.ts";
import { directionType, isOrderable } from "./order-direction.ts";
import type { Types } from "./types.ts";

type Fields = Record<string, GraphQLInputFieldConfig>;

/** Structural: the bucket is part of the statement. `EXACT` groups by the value itself. */
function timeBucketType(types: Types): GraphQLEnumType {
  const names = ["exact", ...TIME_BUCKETS];
  return types.named(
    "TimeBucket",
    () =>
      new GraphQLEnumType({
        name: "TimeBucket",
        description:
          "Times in the same bucket count as equal; the key is the bucket's start in UTC. EXACT keeps the value.",
        extensions: { structural: true },
        values: Object.fromEntries(names.map((name) => [name.toUpperCase(), { value: name }])),
      }),
  );
}

/** `CityGroupBy`: `true` or a time bucket for a value, and the same for each related row that has something to group by. */
export function groupByType(types: Types, object: ObjectType): GraphQLInputObjectType {
  const name = `${object.name}GroupBy`;
  return types.named(
    name,
    () =>
      new GraphQLInputObjectType({
        name,
        description: "The values rows are grouped by: true, a time bucket, or values of a related row.",
        fields: () => {
          const fields: Fields = {};
          for (const field of object.fields) {
            if (field.kind === "scalar" && isOrderable(field)) {
              fields[field.name] = { type: isBucketed(field.value.type) ? timeBucketType(types) : GraphQLBoolean };
            } else if (field.kind === "relation" && field.cardinality === "one") {
              const target = types.object(field.type);
              if (isGroupable(types, target)) fields[field.name] = { type: groupByType(types, target) };
            }
          }
          return fields;
        },
      }),
  );
}

/** `CityHaving`: conditions on the count and on each measure, with `and`, `or` and `not`. */
export function havingType(types: Types, object: ObjectType): GraphQLInputObjectType {
  const name = `${object.name}Having`;
  return types.named(
    name,
    () =>
      new GraphQLInputObjectType({
        name,
        description: "Which groups: all given conditions on their measures together.",
        fields: () => {
          const self = new GraphQLNonNull(havingType(types, object));
          const fields: Fields = {
            and: { type: new GraphQLList(self) },
            or: { type: new GraphQLList(self) },
            not: { type: havingType(types, object) },
            count: { type: filterTypeOf(types, "Int", { kind: "base", name: "int8" }) },
          };
          for (const { name: measure } of FIELD_MEASURES) {
            const type = perField(types, object, measure, "Having", false);
            if (type) fields[measure] = { type };
          }
          return fields;
        },
      }),
  );
}

/** Terms of an order by the measures of related rows. */
export function aggregateOrderType(types: Types, object: ObjectType): GraphQLInputObjectType {
  const name = `${object.name}AggregateOrderBy`;
  return types.named(
    name,
    () => new GraphQLInputObjectType({ name, isOneOf: true, fields: () => measureOrders(types, object) }),
  );
}

/** `FilmGroupOrderBy`: by a key or by a measure. */
export function groupOrderType(types: Types, object: ObjectType): GraphQLInputObjectType {
  const name = `${object.name}GroupOrderBy`;
  return types.named(
    name,
    () =>
      new GraphQLInputObjectType({
        name,
        isOneOf: true,
        description: "One term of an order of groups; ties are broken by the following terms and then by the keys.",
        fields: () => ({
          ...(isGroupable(types, object) && { key: { type: groupKeyOrderType(types, object) } }),
          ...measureOrders(types, object),
        }),
      }),
  );
}

function groupKeyOrderType(types: Types, object: ObjectType): GraphQLInputObjectType {
  const name = `${object.name}GroupKeyOrderBy`;
  return types.named(
    name,
    () =>
      new GraphQLInputObjectType({
        name,
        isOneOf: true,
        fields: () => {
          const fields: Fields = {};
          for (const field of object.fields) {
            if (field.kind === "scalar" && isOrderable(field)) fields[field.name] = { type: directionType(types) };
            else if (field.kind === "relation" && field.cardinality === "one") {
              const target = types.object(field.type);
              if (isGroupable(types, target)) fields[field.name] = { type: groupKeyOrderType(types, target) };
            }
          }
          return fields;
        },
      }),
  );
}

function measureOrders(types: Types, object: ObjectType): Fields {
  const fields: Fields = { count: { type: directionType(types) } };
  for (const { name: measure } of FIELD_MEASURES) {
    const type = perField(types, object, measure, "OrderBy", true);
    if (type) fields[measure] = { type };
  }
  return fields;
}

/** `FilmSumOrderBy`, `FilmSumHaving`: one input field for each field that has the measure. */
function perField(
  types: Types,
  object: ObjectType,
  measure: FieldMeasure,
  suffix: "Having" | "OrderBy",
  isOneOf: boolean,
): GraphQLInputObjectType | undefined {
  const fields: Fields = {};
  for (const field of object.fields) {
    const result = field.kind === "scalar" ? measureType(measure, field) : undefined;
    if (result)
      fields[field.name] = {
        type: suffix === "Having" ? filterTypeOf(types, result.type, result.pg) : directionType(types),
      };
  }
  if (Object.keys(fields).length === 0) return undefined;
  const name = `${object.name}${capitalized(measure)}${suffix}`;
  return types.named(name, () => new GraphQLInputObjectType({ name, isOneOf, fields }));
}
