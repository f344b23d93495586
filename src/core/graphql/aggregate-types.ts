/** Output types of aggregates and groups: `FilmAggregate`, `FilmGroup` and what is inside them. */
import {
  type GraphQLFieldConfig,
  GraphQLInt,
  GraphQLNonNull,
  GraphQLObjectType,
  type GraphQLOutputType,
} from "graphql";
import { FIELD_MEASURES, measureType } from "../plan/measures.ts";
import type { ObjectType } from "../schema/model.ts";
import { capitalized } from "../schema/naming.ts";
import { type FieldMeaning, meaning } from "./meaning.ts";
import { isOrderable } from "./order-direction.ts";
import type { Types } from "./types.ts";

type Fields = Record<string, GraphQLFieldConfig<unknown, unknown>>;

/** `FilmAggregate`: the count, and each measure over the fields that have it. */
export function aggregateType(types: Types, object: ObjectType): GraphQLObjectType {
  const name = `${object.name}Aggregate`;
  return types.named(
    name,
    () =>
      new GraphQLObjectType({
        name,
        description: `Measures over rows of ${object.name}.`,
        fields: () => measureFields(types, object),
      }),
  );
}

/** `CityGroup`: a key, as far as there is something to group by, and the measures over its rows. */
export function groupType(types: Types, object: ObjectType): GraphQLObjectType {
  const name = `${object.name}Group`;
  return types.named(
    name,
    () =>
      new GraphQLObjectType({
        name,
        description: `Rows of ${object.name} with equal keys, and measures over them.`,
        fields: () => {
          const key = groupKeyType(types, object);
          return {
            ...(key && {
              key: {
                type: new GraphQLNonNull(key),
                description: "The values the rows of the group share.",
                extensions: meaning({ kind: "groupKeys" }),
              },
            }),
            ...measureFields(types, object),
          };
        },
      }),
  );
}

function measureFields(types: Types, object: ObjectType): Fields {
  const fields: Fields = {
    count: {
      type: new GraphQLNonNull(GraphQLInt),
      description: "Number of rows.",
      extensions: meaning({ kind: "count" }),
    },
  };
  for (const { name, description } of FIELD_MEASURES) {
    const type = measureObject(types, object, name);
    if (type) fields[name] = { type: new GraphQLNonNull(type), description, extensions: meaning({ kind: "measures" }) };
  }
  return fields;
}

function measureObject(
  types: Types,
  object: ObjectType,
  measure: (typeof FIELD_MEASURES)[number]["name"],
): GraphQLObjectType | undefined {
  const fields: Fields = {};
  for (const field of object.fields) {
    if (field.kind !== "scalar") continue;
    const result = measureType(measure, field);
    if (!result) continue;
    const leaf: GraphQLOutputType = types.leaf(result.type);
    fields[field.name] = {
      type: measure === "countDistinct" ? new GraphQLNonNull(leaf) : leaf,
      extensions: meaning({ kind: "measure", function: measure, field } satisfies FieldMeaning),
    };
  }
  if (Object.keys(fields).length === 0) return undefined;
  const name = `${object.name}Aggregate${capitalized(measure)}`;
  return types.named(name, () => new GraphQLObjectType({ name, fields }));
}

/** The keys of a group; undefined where rows of the object have nothing to be grouped by. */
function groupKeyType(types: Types, object: ObjectType): GraphQLObjectType | undefined {
  if (!isGroupable(types, object)) return undefined;
  const name = `${object.name}GroupKey`;
  return types.named(
    name,
    () =>
      new GraphQLObjectType({
        name,
        description: "Only values named in `groupBy` can be selected.",
        fields: () => {
          const fields: Fields = {};
          for (const field of object.fields) {
            if (field.kind === "scalar" && isOrderable(field)) {
              fields[field.name] = { type: types.leaf(field.type), extensions: meaning({ kind: "groupKey", field }) };
            } else if (field.kind === "relation" && field.cardinality === "one") {
              const nested = groupKeyType(types, types.object(field.type));
              if (nested) {
                fields[field.name] = {
                  type: new GraphQLNonNull(nested),
                  extensions: meaning({ kind: "groupHop", relation: field }),
                };
              }
            }
          }
          return fields;
        },
      }),
  );
}

/** Whether a value of the row, or of a row reached over to-one relations, can be a key. Cycles end at the first row. */
export function isGroupable(types: Types, object: ObjectType, seen: ReadonlySet<string> = new Set()): boolean {
  if (seen.has(object.name)) return false;
  const next = new Set([...seen, object.name]);
  return object.fields.some(
    (field) =>
      (field.kind === "scalar" && isOrderable(field)) ||
      (field.kind === "relation" && field.cardinality === "one" && isGroupable(types, types.object(field.type), next)),
  );
}
