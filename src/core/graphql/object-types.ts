/** Output types of the model: objects, interfaces, unions, connections. Every field carries its meaning. */
import {
  type GraphQLFieldConfigArgumentMap,
  GraphQLID,
  GraphQLInt,
  GraphQLInterfaceType,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLString,
  GraphQLUnionType,
} from "graphql";
import { SIBLING_FIELD_SUFFIXES } from "../schema/generated-names.ts";
import type { Field, InterfaceType, ObjectType, RelationField, UnionType } from "../schema/model.ts";
import { totalKey } from "../schema/total-key.ts";
import { groupByType, groupOrderType, havingType } from "./aggregate-inputs.ts";
import { aggregateType, groupType, isGroupable } from "./aggregate-types.ts";
import { connectionType } from "./connection-types.ts";
import { whereType } from "./filter-types.ts";
import { functionArguments } from "./function-arguments.ts";
import { meaning, type RowsFrom } from "./meaning.ts";
import { orderType } from "./order-types.ts";
import { documentation, type FieldConfig, type Fields, wrap } from "./output-fields.ts";
import type { Types } from "./types.ts";

/** Scalars with values JSON cannot show as themselves: NaN and infinities become null, and JSON has a null of its own. */
const ALWAYS_NULLABLE = new Set(["Float", "JSON"]);

/** The object type of a model's object, with its relations, connections and aggregates. */
export function objectType(types: Types, object: ObjectType): GraphQLObjectType {
  return types.named(
    object.name,
    () =>
      new GraphQLObjectType({
        name: object.name,
        description: object.description ?? null,
        interfaces: () => [
          ...(isNode(object) ? [nodeInterface(types)] : []),
          ...object.interfaces.map((name) => interfaceType(types, types.interface(name) as InterfaceType)),
        ],
        fields: () => {
          const fields: Fields = {};
          if (isNode(object)) fields["nodeId"] = nodeIdField(object);
          for (const field of object.fields) Object.assign(fields, fieldsOf(types, field));
          return fields;
        },
      }),
  );
}

/** Rows that one value can name in the whole API. */
export const isNode = (object: ObjectType): boolean =>
  object.source.kind !== "value" && totalKey(object.keys)?.primary === true;

function fieldsOf(types: Types, field: Field): Fields {
  const common = documentation(field);
  if (field.kind === "scalar") {
    const type = wrap(
      types.leaf(field.type),
      field.list,
      field.nullable || (!field.list && ALWAYS_NULLABLE.has(field.type)),
    );
    return { [field.name]: { ...common, type, extensions: meaning({ kind: "scalar", field }) } };
  }
  const object = types.object(field.type);
  if (field.kind === "embedded") {
    const type = wrap(objectType(types, object), field.list, field.nullable);
    return { [field.name]: { ...common, type, extensions: meaning({ kind: "embedded", field, object }) } };
  }
  if (field.cardinality === "one") {
    const type = wrap(objectType(types, object), false, field.nullable);
    return { [field.name]: { ...common, type, extensions: meaning({ kind: "one", relation: field, object }) } };
  }
  return listFields(types, field, object);
}

/** A to-many relation and its siblings. */
function listFields(types: Types, field: RelationField, object: ObjectType): Fields {
  const common = documentation(field);
  const from = { relation: field };
  const fields: Fields = { [field.name]: { ...listField(types, object, from), ...common } };
  const { connection = true, aggregate = true, groups = true } = field.siblings ?? {};
  if (connection) fields[field.name + SIBLING_FIELD_SUFFIXES.connection] = connectionField(types, object, from);
  if (aggregate) fields[field.name + SIBLING_FIELD_SUFFIXES.aggregate] = aggregateField(types, object, from);
  if (groups && isGroupable(types, object))
    fields[field.name + SIBLING_FIELD_SUFFIXES.groups] = groupsField(types, object, from);
  return fields;
}

/** The arguments of the function the rows are from stand before the field's own, and win where names are equal. */
function withCall(types: Types, { call }: RowsFrom, own: GraphQLFieldConfigArgumentMap): GraphQLFieldConfigArgumentMap {
  const called = call ? functionArguments(types, call.arguments) : {};
  return { ...called, ...own, ...called };
}

/** A list with its filters, its order and its page. */
export function listField(types: Types, object: ObjectType, from: RowsFrom = {}): FieldConfig {
  return {
    type: wrap(objectType(types, object), true, false, false),
    args: withCall(types, from, { ...filterArguments(types, object), ...pageArguments }),
    extensions: meaning({ kind: "list", object, ...from }),
  };
}

/** The same rows by cursor. */
export function connectionField(types: Types, object: ObjectType, from: RowsFrom = {}): FieldConfig {
  return {
    type: new GraphQLNonNull(connectionType(types, object.name, objectType(types, object))),
    description: `Pages of ${object.name} by cursor.`,
    args: withCall(types, from, {
      ...filterArguments(types, object),
      first: { type: GraphQLInt, description: "At most so many rows from the start, or after `after`." },
      after: { type: GraphQLString, description: "A cursor; the page begins behind it." },
      last: { type: GraphQLInt, description: "At most so many rows before the end, or before `before`." },
      before: { type: GraphQLString, description: "A cursor; the page ends in front of it." },
    }),
    extensions: meaning({ kind: "connection", object, ...from }),
  };
}

/** Measures over the same rows. */
export function aggregateField(types: Types, object: ObjectType, from: RowsFrom = {}): FieldConfig {
  return {
    type: new GraphQLNonNull(aggregateType(types, object)),
    description: `Measures over ${object.name}.`,
    args: withCall(types, from, { where: { type: whereType(types, object) } }),
    extensions: meaning({ kind: "aggregate", object, ...from }),
  };
}

/** The same rows by the values they are grouped by. */
export function groupsField(types: Types, object: ObjectType, from: RowsFrom = {}): FieldConfig {
  return {
    type: wrap(groupType(types, object), true, false, false),
    description: `${object.name} grouped by values, with measures for each group.`,
    args: withCall(types, from, {
      groupBy: { type: new GraphQLNonNull(groupByType(types, object)) },
      where: { type: whereType(types, object), description: "Which rows are counted." },
      having: { type: havingType(types, object), description: "Which groups are shown." },
      orderBy: { type: new GraphQLList(new GraphQLNonNull(groupOrderType(types, object))) },
      ...pageArguments,
    }),
    extensions: meaning({ kind: "groups", object, ...from }),
  };
}

const pageArguments: GraphQLFieldConfigArgumentMap = {
  limit: { type: GraphQLInt, description: "At most so many rows." },
  offset: { type: GraphQLInt, description: "Leaves out so many rows first." },
};

/** `where`, and `orderBy` where the object has something to order by. */
function filterArguments(types: Types, object: ObjectType): GraphQLFieldConfigArgumentMap {
  const order = orderType(types, object);
  return {
    where: { type: whereType(types, object) },
    ...(order && {
      orderBy: {
        type: new GraphQLList(new GraphQLNonNull(order)),
        description: "First term first; then by the primary key.",
      },
    }),
  };
}

/** `limit` and `offset`. */
export const pagingArguments = (): GraphQLFieldConfigArgumentMap => pageArguments;

/** The `Node` of https://relay.dev/graphql/objectidentification.htm, with `nodeId` where Relay has `id`: that may be a column. */
export function nodeInterface(types: Types): GraphQLInterfaceType {
  return types.named(
    "Node",
    () =>
      new GraphQLInterfaceType({
        name: "Node",
        description: "A row that one value names in the whole API.",
        fields: { nodeId: { type: new GraphQLNonNull(GraphQLID) } },
      }),
  );
}

function nodeIdField(object: ObjectType): FieldConfig {
  return {
    type: new GraphQLNonNull(GraphQLID),
    description: "Names this row in the whole API; give it to `node`.",
    extensions: meaning({ kind: "nodeId", object }),
  };
}

/** An interface of the model; each of its fields is an object of the model or a leaf. */
export function interfaceType(types: Types, model: InterfaceType): GraphQLInterfaceType {
  return types.named(
    model.name,
    () =>
      new GraphQLInterfaceType({
        name: model.name,
        description: model.description ?? null,
        fields: () => {
          const fields: Fields = {};
          for (const field of model.fields) {
            const object = types.model.objects.find((each) => each.name === field.type);
            const type = object ? objectType(types, object) : types.leaf(field.type);
            const nullable = field.nullable || (!field.list && ALWAYS_NULLABLE.has(field.type));
            fields[field.name] = { ...documentation(field), type: wrap(type, field.list, nullable) };
          }
          return fields;
        },
      }),
  );
}

/** A union of the model: one of several objects. */
export function unionType(types: Types, model: UnionType): GraphQLUnionType {
  return types.named(
    model.name,
    () =>
      new GraphQLUnionType({
        name: model.name,
        description: model.description ?? null,
        types: () => model.members.map((name) => objectType(types, types.object(name))),
      }),
  );
}
