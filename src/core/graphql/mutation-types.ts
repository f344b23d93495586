/** The root type of mutations and its inputs. Every root field may be null, so that one that fails leaves the others standing. */
import {
  GraphQLBoolean,
  GraphQLEnumType,
  type GraphQLFieldConfigArgumentMap,
  type GraphQLInputFieldConfig,
  GraphQLInputObjectType,
  type GraphQLInputType,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
} from "graphql";
import { type ColumnField, fieldThatSets } from "../schema/embedded-values.ts";
import type { Key, MutationField, ObjectType, WriteKind, WriteMutation } from "../schema/model.ts";
import { capitalized } from "../schema/naming.ts";
import { totalKey } from "../schema/total-key.ts";
import { conflictKeys } from "../schema/writable.ts";
import { whereType } from "./filter-types.ts";
import { columnField, keyArguments } from "./key-arguments.ts";
import { meaning } from "./meaning.ts";
import { objectType } from "./object-types.ts";
import { outcomeField } from "./outcome-types.ts";
import { documentation, type Fields, wrap } from "./output-fields.ts";
import type { Types } from "./types.ts";
import { columnInput } from "./value-inputs.ts";

/** `Mutation`, with a field for each that the model has. */
export function mutationType(types: Types, mutations: readonly MutationField[]): GraphQLObjectType {
  return new GraphQLObjectType({
    name: "Mutation",
    fields: () => Object.fromEntries(mutations.map((each) => [each.name, mutationField(types, each)])),
  });
}

function mutationField(types: Types, mutation: MutationField): Fields[string] {
  return mutation.kind === "function" ? outcomeField(types, mutation) : writeField(types, mutation);
}

function writeField(types: Types, mutation: WriteMutation): Fields[string] {
  const object = types.object(mutation.type);
  const { kind } = mutation;
  return {
    ...documentation({ description: DESCRIPTIONS[kind](object.name), ...mutation }),
    type: wrap(objectType(types, object), kind.endsWith("Many"), true, false),
    args: writeArguments(types, object, kind),
    extensions: meaning({ kind: "write", write: kind, object }),
  };
}

const DESCRIPTIONS: Readonly<Record<WriteKind, (name: string) => string>> = {
  insert: (name) => `Adds one ${name}.`,
  insertMany: (name) => `Adds rows of ${name}, all or none; they come back in the order given.`,
  upsert: (name) => `Adds one ${name}, or sets the given fields of the one with the same key.`,
  upsertMany: (name) => `Adds rows of ${name}, or sets the given fields of those with the same key; all or none.`,
  update: (name) => `Sets fields of one ${name}; null where there is none with this key.`,
  updateMany: (name) => `Sets fields of every ${name} the filter finds.`,
  delete: (name) => `Deletes one ${name} and gives it back; null where there is none with this key.`,
  deleteMany: (name) => `Deletes every ${name} the filter finds and gives them back.`,
};

function writeArguments(types: Types, object: ObjectType, kind: WriteKind): GraphQLFieldConfigArgumentMap {
  switch (kind) {
    case "insert":
      return { values: { type: new GraphQLNonNull(insertType(types, object)) } };
    case "insertMany":
      return { values: { type: rowsOf(insertType(types, object)) } };
    case "upsert":
      return { values: { type: new GraphQLNonNull(insertType(types, object)) }, ...conflictArgument(types, object) };
    case "upsertMany":
      return { values: { type: rowsOf(insertType(types, object)) }, ...conflictArgument(types, object) };
    case "update":
      return {
        ...keyArguments(types, object, keyOfRow(object)),
        [setArgument(object)]: { type: new GraphQLNonNull(setType(types, object)) },
      };
    case "delete":
      return keyArguments(types, object, keyOfRow(object));
    case "updateMany":
      return { ...filterArguments(types, object), set: { type: new GraphQLNonNull(setType(types, object)) } };
    case "deleteMany":
      return filterArguments(types, object);
  }
}

const rowsOf = (type: GraphQLInputObjectType) => new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(type)));

function filterArguments(types: Types, object: ObjectType): GraphQLFieldConfigArgumentMap {
  return {
    where: { type: whereType(types, object), description: "Which rows; needed unless `all` is true." },
    all: { type: GraphQLBoolean, description: "True: every row. Not together with `where`." },
  };
}

/** By its place among the object's keys. */
export function keyOfRow(object: ObjectType): number {
  return object.keys.indexOf(totalKey(object.keys) as Key);
}

/** `set`, unless a field of the key has that name. */
export function setArgument(object: ObjectType): string {
  const names = object.keys[keyOfRow(object)]?.columns.map(({ column }) => columnField(object, column).name) ?? [];
  return names.includes("set") ? "set_" : "set";
}

/** The key a new row meets another by; asked for only where there are several. */
function conflictArgument(types: Types, object: ObjectType): GraphQLFieldConfigArgumentMap {
  const keys = conflictKeys(object);
  const [first] = keys;
  if (first === undefined || keys.length === 1) return {};
  const name = `${object.name}UpsertKey`;
  const type = types.named(
    name,
    () =>
      new GraphQLEnumType({
        name,
        // The key is part of the statement.
        extensions: { structural: true },
        // Of two keys over the same columns the first is meant.
        values: Object.fromEntries(keys.toReversed().map((key) => [keyName(object, key), { value: key }])),
      }),
  );
  return { by: { type, defaultValue: first, description: "The key by which rows are the same." } };
}

function keyName(object: ObjectType, key: number): string {
  const names = object.keys[key]?.columns.map(({ column }) => columnField(object, column).name) ?? [];
  const [first = "", ...others] = names;
  return [first, ...others.map(capitalized)].join("And");
}

function insertType(types: Types, object: ObjectType): GraphQLInputObjectType {
  return inputType(
    types,
    object,
    `${object.name}Insert`,
    `A new row of ${object.name}; what is left out takes its default.`,
  );
}

function setType(types: Types, object: ObjectType): GraphQLInputObjectType {
  return inputType(types, object, `${object.name}Set`, `What to set in ${object.name}; what is left out stays.`);
}

function inputType(types: Types, object: ObjectType, name: string, description: string): GraphQLInputObjectType {
  const isInsert = name.endsWith("Insert");
  return types.named(
    name,
    () =>
      new GraphQLInputObjectType({
        name,
        description,
        extensions: { row: true },
        fields: () =>
          Object.fromEntries(
            (object.writable ?? []).flatMap(({ column, required }) => {
              const field = fieldThatSets(object, column);
              const type = columnInput(types, field);
              return type ? [[field.name, inputField(type, field, isInsert && required)]] : [];
            }),
          ),
      }),
  );
}

function inputField(type: GraphQLInputType, field: ColumnField, required: boolean): GraphQLInputFieldConfig {
  return {
    type: required ? new GraphQLNonNull(type) : type,
    description: field.description ?? null,
    deprecationReason: required ? null : (field.deprecated ?? null),
  };
}
