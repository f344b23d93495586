/** Generated mutations: what one root field inserts, updates or deletes. */
import { type GraphQLInputFieldMap, getNamedType, isInputObjectType } from "graphql";
import { FraiseqlError } from "../errors.ts";
import type { Bind, Input } from "../graphql/input.ts";
import { columnField } from "../graphql/key-arguments.ts";
import { keyOfRow, setArgument } from "../graphql/mutation-types.ts";
import { columnSetBy, fieldThatSets } from "../schema/embedded-values.ts";
import type { Key, ObjectType, WriteKind } from "../schema/model.ts";
import { conflictKeys } from "../schema/writable.ts";
import { entriesOf, whereCondition } from "./conditions.ts";
import { constantCondition } from "./constant-condition.ts";
import { type Arguments, badInput, innerOutput, readArguments, type Selected } from "./context.ts";
import { keyCondition } from "./keys.ts";
import type { Change, Conflict, MutationNode, NewRows, WrittenColumn } from "./mutation.ts";
import type { Condition } from "./plan.ts";
import { ROOT } from "./strategy.ts";

type Entries = ReadonlyMap<string, Input>;

/** What is written to, and the inputs of its fields. */
type Target = { readonly object: ObjectType; readonly inputs: GraphQLInputFieldMap };

/** @throws FraiseqlError FILTER_MISSING, BAD_USER_INPUT */
export function planWrite(selected: Selected, kind: WriteKind, object: ObjectType): MutationNode {
  const args = readArguments(selected.context, selected.field, selected.nodes[0]);
  const change = changeOf(selected, kind, object, args);
  if (object.source.kind === "value") throw new TypeError(`${object.name} has no relation to write to`);
  if (change === undefined) return { kind: "constant", json: "[]" };
  return {
    kind: "write",
    object,
    relation: object.source.relation,
    change,
    many: kind.endsWith("Many"),
    output: innerOutput(selected, ROOT),
    coordinate: selected.coordinate,
  };
}

/** Undefined where nothing is to be written: an empty list of rows. */
function changeOf(selected: Selected, kind: WriteKind, object: ObjectType, args: Arguments): Change | undefined {
  const target = { object, inputs: inputsOf(selected) };
  switch (kind) {
    case "insert":
    case "upsert": {
      const entries = entriesOf(args.get("values") as Input, "values");
      const rows = newRow(target, entries);
      return { kind: "insert", rows, ...conflictOf(kind, object, args, [...entries.keys()]) };
    }
    case "insertMany":
    case "upsertMany":
      return insertMany(kind, target, args);
    case "update":
      return { kind: "update", set: valuesOf(target, args, setArgument(object)), where: keyFilter(object, args) };
    case "delete":
      return { kind: "delete", where: keyFilter(object, args) };
    case "updateMany":
      return { kind: "update", set: valuesOf(target, args, "set"), ...filterOf(selected, object, args) };
    case "deleteMany":
      return { kind: "delete", ...filterOf(selected, object, args) };
  }
}

/** Of the argument that holds values: no other is a row. */
function inputsOf({ field }: Selected): GraphQLInputFieldMap {
  for (const { type } of field.args) {
    const named = getNamedType(type);
    if (isInputObjectType(named) && named.extensions["row"] === true) return named.getFields();
  }
  return {};
}

function insertMany(kind: WriteKind, target: Target, args: Arguments): Change | undefined {
  const input = args.get("values");
  if (input?.kind !== "list") throw new TypeError("values is no list");
  const rows = input.items.map((item, index) => entriesOf(item, `values[${index}]`));
  const [first] = rows;
  if (!first) return undefined;
  const given = [...first.keys()];
  const isUniform = rows.every((row) => row.size === given.length && given.every((name) => row.has(name)));
  if (kind === "upsertMany" && !isUniform) {
    throw badInput("The rows of an upsert have to give the same fields: those left out of one row could not stay.");
  }
  const conflict = conflictOf(kind, target.object, args, given);
  return {
    kind: "insert",
    rows: isUniform && given.length > 0 ? alike(target, given, input.bind) : mixed(target, rows),
    ...conflict,
  };
}

function alike(target: Target, names: readonly string[], list: Bind): NewRows {
  return { kind: "columns", columns: names.map((field) => ({ ...columnSet(target, field), field })), list };
}

function mixed(target: Target, rows: readonly Entries[]): NewRows {
  const names = [...new Set(rows.flatMap((row) => [...row.keys()]))];
  // A row of nothing but defaults still needs a column to say so.
  const columns = (names.length > 0 ? names : [firstField(target.object)]).map((name) => ({
    name,
    ...columnSet(target, name),
  }));
  return { kind: "rows", columns, rows: rows.map((row) => columns.map((each) => boundTo(each, row.get(each.name)))) };
}

function newRow(target: Target, entries: Entries): NewRows {
  return mixed(target, [entries]);
}

const given = (input: Input | undefined): Bind | undefined =>
  input?.kind === "null" ? { kind: "constant", value: null } : input?.bind;

const boundTo = ({ json }: WrittenColumn, input: Input | undefined): Bind | undefined =>
  json && input && input.kind !== "null" ? { kind: "json", type: json, of: input.bind } : given(input);

const firstField = (object: ObjectType): string => fieldThatSets(object, object.writable?.[0]?.column ?? "").name;

function columnSet({ object, inputs }: Target, name: string): WrittenColumn {
  const field = object.fields.find((each) => each.name === name);
  const column = field && columnSetBy(field);
  if (column === undefined || field?.kind === "relation" || field?.value.from !== "column")
    throw new TypeError(`${name} is no column`);
  const input = inputs[name]?.type;
  return { column, type: field.value.type, ...(field.kind === "embedded" && input && { json: input }) };
}

const columnNamed = (object: ObjectType, name: string): string => columnSet({ object, inputs: {} }, name).column;

function valuesOf(target: Target, args: Arguments, name: string) {
  const entries = entriesOf(args.get(name) as Input, name);
  if (entries.size === 0) throw badInput(`${name} names no field.`);
  return [...entries].map(([field, input]) => {
    const column = columnSet(target, field);
    return { ...column, bind: boundTo(column, input) as Bind };
  });
}

function keyFilter(object: ObjectType, args: Arguments): Condition {
  const key = object.keys[keyOfRow(object)] as Key;
  return keyCondition(key, (column) => given(args.get(columnField(object, column).name)) as Bind);
}

function conflictOf(
  kind: WriteKind,
  object: ObjectType,
  args: Arguments,
  fields: readonly string[],
): { readonly conflict?: Conflict } {
  if (!kind.startsWith("upsert")) return {};
  const chosen = args.get("by");
  const [first] = conflictKeys(object);
  const index = chosen?.kind === "leaf" ? (chosen.value as number) : first;
  const key = (object.keys[index as number] as Key).columns.map(({ column }) => column);
  const set = fields.map((field) => columnNamed(object, field)).filter((column) => !key.includes(column));
  // PostgreSQL gives a row back only if it is touched.
  return { conflict: { key, set: set.length > 0 ? set : key } };
}

/** The rows an update or delete is about. A filter that is there but filters nothing counts as none. */
function filterOf(selected: Selected, object: ObjectType, args: Arguments): { readonly where?: Condition } {
  const input = args.get("where");
  const every = args.get("all");
  const isAll = every?.kind === "leaf" && every.value === true;
  if (isAll) {
    if (input) throw badInput("where and all are both given; leave one out.");
    return {};
  }
  const where = input && whereCondition(selected.context.lookup, object, input);
  if (!where || constantCondition(where) === true) {
    const what = input ? "where filters nothing" : "There is no where";
    throw new FraiseqlError("FILTER_MISSING", `${what}; write all: true if every row is meant.`);
  }
  return { where };
}
