/**
 * Arguments with their provenance. Planning needs to know which fields of an input are there, but not their values:
 * every leaf carries a `Bind` that says where a later request of the same shape holds the value.
 */
import {
  type GraphQLInputType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  type ValueNode,
  valueFromAST,
} from "graphql";
import { FraiseqlError } from "../errors.ts";
import { inputJson } from "./input-json.ts";
import { decodeNodeId } from "./node-id.ts";

export type Variables = Readonly<Record<string, unknown>>;

export type Bind =
  | { readonly kind: "variable"; readonly name: string; readonly path: readonly (string | number)[] }
  | { readonly kind: "constant"; readonly value: unknown }
  /** A list written in the document with variables among its elements. */
  | { readonly kind: "list"; readonly items: readonly Bind[] }
  /** An input object written in the document, its entries in the order of the type. */
  | { readonly kind: "object"; readonly entries: readonly (readonly [name: string, value: Bind])[] }
  /** An input object as JSON text, for what takes it whole. */
  | { readonly kind: "json"; readonly type: GraphQLInputType; readonly of: Bind }
  /** A value inside the node id that another bind holds. */
  | { readonly kind: "nodeKey"; readonly id: Bind; readonly index: number };

export type Input =
  | { readonly kind: "null" }
  /** `value` may be used in planning only where the shape key holds it: booleans and structural enums. */
  | { readonly kind: "leaf"; readonly value: unknown; readonly bind: Bind }
  | { readonly kind: "list"; readonly items: readonly Input[]; readonly bind: Bind }
  | { readonly kind: "object"; readonly entries: ReadonlyMap<string, Input>; readonly bind: Bind };

/** Reads the value a bind stands for out of the coerced variables of a request. */
export function resolveBind(bind: Bind, variables: Variables): unknown {
  switch (bind.kind) {
    case "constant":
      return bind.value;
    case "list":
      return bind.items.map((item) => resolveBind(item, variables));
    case "object":
      return Object.fromEntries(bind.entries.map(([name, entry]) => [name, resolveBind(entry, variables)]));
    case "json":
      return inputJson(bind.type, resolveBind(bind.of, variables));
    case "nodeKey":
      return decodeNodeId(resolveBind(bind.id, variables))?.key[bind.index];
    case "variable": {
      let value: unknown = variables[bind.name];
      for (const step of bind.path) value = (value as Record<string | number, unknown>)[step];
      return value;
    }
  }
}

/** A text equal for binds that give equal values in every request. */
export function bindKey(bind: Bind): string {
  switch (bind.kind) {
    case "variable":
      return `$${[bind.name, ...bind.path].join(".")}`;
    case "constant":
      return JSON.stringify(bind.value) ?? "undefined";
    case "list":
      return `[${bind.items.map(bindKey).join(",")}]`;
    case "object":
      return `{${bind.entries.map(([name, entry]) => `${name}:${bindKey(entry)}`).join(",")}}`;
    case "json":
      return `json(${bindKey(bind.of)})`;
    case "nodeKey":
      return `node(${bindKey(bind.id)})[${bind.index}]`;
  }
}

/** The input an argument's AST stands for under the coerced variables; `undefined` when it is absent. */
export function readInput(type: GraphQLInputType, node: ValueNode, variables: Variables): Input | undefined {
  if (isNonNullType(type)) return notNull(readInput(type.ofType, node, variables), type, node);
  if (node.kind === "Variable") {
    const name = node.name.value;
    const value = variables[name];
    return value === undefined ? undefined : readValue(type, value, { kind: "variable", name, path: [] });
  }
  if (node.kind === "NullValue") return { kind: "null" };
  if (isListType(type)) {
    const nodes = node.kind === "ListValue" ? node.values : [node];
    const items = nodes.map(
      (each) => readInput(type.ofType, each, variables) ?? notNull({ kind: "null" }, type.ofType, each),
    );
    return { kind: "list", items, bind: listBind(items) };
  }
  if (isInputObjectType(type)) {
    const entries = new Map<string, Input>();
    const given = new Map(
      node.kind === "ObjectValue" ? node.fields.map((field) => [field.name.value, field.value]) : [],
    );
    for (const [name, field] of Object.entries(type.getFields())) {
      const value = given.get(name);
      const input = value && readInput(field.type, value, variables);
      if (input) entries.set(name, input);
      else if (field.defaultValue !== undefined) {
        entries.set(name, readValue(field.type, field.defaultValue, { kind: "constant", value: field.defaultValue }));
      }
    }
    if (type.isOneOf) refuseNotOne(entries, type.name);
    return { kind: "object", entries, bind: objectBind(entries) };
  }
  const value = valueFromAST(node, type);
  return { kind: "leaf", value, bind: { kind: "constant", value } };
}

function objectBind(entries: ReadonlyMap<string, Input>): Bind {
  return { kind: "object", entries: [...entries].map(([name, input]) => [name, bindOf(input)]) };
}

/** The bind of an input, null included. */
export function bindOf(input: Input): Bind {
  return input.kind === "null" ? { kind: "constant", value: null } : input.bind;
}

/** graphql-js' validation misses a nullable variable in a one-of input that is an element of a list. */
function refuseNotOne(entries: ReadonlyMap<string, Input>, type: string): void {
  const [only] = entries.values();
  if (entries.size === 1 && only?.kind !== "null") return;
  throw new FraiseqlError("BAD_USER_INPUT", `${type} takes exactly one entry; the variable in it is absent or null.`);
}

/** Validation lets a nullable variable with a default stand where null cannot, and then null may be given for it. */
function notNull<T extends Input | undefined>(input: T, type: GraphQLInputType, node: ValueNode): T {
  if (input?.kind !== "null" || !isNonNullType(type)) return input;
  const what = node.kind === "Variable" ? `The variable $${node.name.value}` : "A value";
  throw new FraiseqlError("BAD_USER_INPUT", `${what} is null where a value of type ${String(type)} is needed.`);
}

/** The input of a value that is coerced already: a variable or a default. */
export function readValue(type: GraphQLInputType, value: unknown, bind: Bind): Input {
  if (isNonNullType(type)) return readValue(type.ofType, value, bind);
  if (value === null) return { kind: "null" };
  if (isListType(type)) {
    const items = (value as readonly unknown[]).map((item, index) =>
      readValue(type.ofType, item, step(bind, item, index)),
    );
    return { kind: "list", items, bind };
  }
  if (isInputObjectType(type)) {
    const fields = type.getFields();
    const entries = new Map<string, Input>();
    for (const [name, item] of Object.entries(value as Record<string, unknown>)) {
      const field = fields[name];
      if (field && item !== undefined) entries.set(name, readValue(field.type, item, step(bind, item, name)));
    }
    return { kind: "object", entries, bind };
  }
  return { kind: "leaf", value, bind };
}

function step(bind: Bind, item: unknown, key: string | number): Bind {
  return bind.kind === "variable" ? { ...bind, path: [...bind.path, key] } : { kind: "constant", value: item };
}

function listBind(items: readonly Input[]): Bind {
  return {
    kind: "list",
    items: items.map(bindOf),
  };
}

/**
 * What of a variable's value decides the statement: which keys are there, nulls, lists without an element, and the values
 * of booleans and of enums that are marked structural. Two requests with equal shapes share one plan.
 */
export function inputShape(type: GraphQLInputType, value: unknown): string {
  if (value === undefined) return "-";
  if (value === null) return "0";
  if (isNonNullType(type)) return inputShape(type.ofType, value);
  if (isListType(type)) {
    const items = value as readonly unknown[];
    if (isLeafType(unwrap(type.ofType)) && !isStructural(unwrap(type.ofType))) return items.length > 0 ? "v" : "[]";
    if (isWhole(unwrap(type.ofType))) return "v";
    if (isRow(unwrap(type.ofType)) && areAlike(items as readonly Row[]))
      return `[=${givenNames(items[0] as Row).join()}]`;
    return `[${items.map((item) => inputShape(type.ofType, item)).join(",")}]`;
  }
  if (isWhole(type)) return "v";
  if (isInputObjectType(type)) {
    const fields = type.getFields();
    let shape = "{";
    for (const name of Object.keys(value as Row)) {
      shape += `${name}:${inputShape((fields[name] as { type: GraphQLInputType }).type, (value as Row)[name])},`;
    }
    return `${shape}}`;
  }
  return isStructural(type) ? String(value) : "v";
}

type Row = Readonly<Record<string, unknown>>;

/** Rows to be inserted: where all give the same columns, neither how many they are nor their nulls decide the statement. */
function isRow(type: GraphQLInputType): boolean {
  return isInputObjectType(type) && type.extensions["row"] === true;
}

/** The value of one column: a single parameter, whatever is in it. */
function isWhole(type: GraphQLInputType): boolean {
  return isInputObjectType(type) && type.extensions["whole"] === true;
}

function areAlike(rows: readonly Row[]): boolean {
  const [first] = rows;
  if (!first) return false;
  const names = givenNames(first);
  return rows.every((row) => {
    let place = 0;
    for (const name in row) {
      if (row[name] === undefined) continue;
      if (names[place] !== name) return false;
      place += 1;
    }
    return place === names.length;
  });
}

const givenNames = (row: Row): readonly string[] => Object.keys(row).filter((name) => row[name] !== undefined);

function unwrap(type: GraphQLInputType): GraphQLInputType {
  return isNonNullType(type) || isListType(type) ? unwrap(type.ofType) : type;
}

function isStructural(type: GraphQLInputType): boolean {
  return isLeafType(type) && (type.name === "Boolean" || type.extensions["structural"] === true);
}
