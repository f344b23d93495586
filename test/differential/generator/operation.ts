/** One operation over the schema: selections with everything the language has around them. */
import {
  type GraphQLAbstractType,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
} from "graphql";
import { type FieldMeaning, meaningOf } from "../../../src/core/graphql/meaning.ts";
import type { ObjectType } from "../../../src/core/schema/model.ts";
import { nodeId } from "../oracle/resolvers.ts";
import type { Store } from "../oracle/store.ts";
import { callArguments, memberSelections } from "./abstract.ts";
import type { Choices } from "./choices.ts";
import { type Draft, type GeneratedOperation, given, newName } from "./draft.ts";
import { groupByOf, groupOrderOf, havingOf, orderOf, whereOf } from "./filters.ts";
import { type Given, literalText } from "./input-text.ts";
import { inputOf } from "./values.ts";

type OutputField = GraphQLField<unknown, unknown>;
type Arguments = Record<string, Given | undefined>;
type Place = {
  readonly depth: number;
  readonly keys?: readonly (readonly string[])[];
  readonly object?: ObjectType;
  /** Every field gets an alias of its own: another member of the abstract type may have one of another type by its name. */
  readonly aliased?: boolean;
};

const DEPTH_MAX = 5;
const FIELDS_MAX = 28;

/** @param calls - query fields of functions whose rows have one order and that never raise; others are left out */
export function generateOperation(
  schema: GraphQLSchema,
  store: Store,
  choices: Choices,
  calls: ReadonlySet<string> = new Set(),
): GeneratedOperation {
  const draft: Draft = {
    choices,
    schema,
    store,
    definitions: [],
    fragments: [],
    variables: {},
    otherVariables: {},
    walks: [],
    calls,
    left: FIELDS_MAX,
    inVariable: false,
    names: 0,
  };
  const query = schema.getQueryType() as GraphQLObjectType;
  const fields = Object.values(query.getFields()).filter((field) => isGenerated(draft, field));
  const roots = Array.from({ length: 1 + (choices.chance(25) ? 1 + choices.below(2) : 0) }, () =>
    wrapped(draft, query, fieldText(draft, choices.one(fields), { depth: 0 })),
  );
  if (choices.chance(6))
    roots.push(
      choices.one([
        "__typename",
        '__type(name: "Query") { kind name fields { name } }',
        "__schema { queryType { name } }",
      ]),
    );
  // A choice made twice for one key leaves the first one's variable behind.
  const body = [...roots, ...draft.fragments].join(" ");
  const used = draft.definitions.filter((definition) => new RegExp(`\\${definition.split(":")[0]}\\b`).test(body));
  const definitions = used.length > 0 ? `(${used.join(", ")})` : "";
  const name = choices.chance(30) || definitions ? "Generated" : "";
  const head = name || definitions ? `query ${name}${definitions} ` : "";
  const { variables, otherVariables, walks } = draft;
  return { query: [`${head}{ ${roots.join(" ")} }`, ...draft.fragments].join("\n"), variables, otherVariables, walks };
}

/** Functions are called where what they do is known. */
const isGenerated = ({ calls }: Draft, field: OutputField): boolean => {
  const meaning = meaningOf(field);
  const call = meaning && "call" in meaning ? meaning.call : undefined;
  return call ? calls.has(call.name) : meaning !== undefined;
};

/** Some selections stand inside a fragment or carry a directive; none of it changes what is selected unless it says so. */
function wrapped(draft: Draft, type: GraphQLObjectType, selection: string): string {
  const { choices } = draft;
  if (!choices.chance(22)) return selection;
  switch (choices.below(5)) {
    case 0:
      return `... on ${type.name} { ${selection} }`;
    case 1: {
      const condition = given(draft, "Boolean!", () => choices.chance(50));
      return `... ${choices.one(["@include", "@skip"])}(if: ${literalText(condition)}) { ${selection} __typename }`;
    }
    case 2: {
      const name = newName(draft, "F");
      draft.fragments.push(`fragment ${name} on ${type.name} { ${selection} }`);
      return `...${name}`;
    }
    case 3: {
      // Inside an interface only its own fields can be named, so the object is named once more.
      return type.getInterfaces().some(({ name }) => name === "Node")
        ? `... on Node { nodeId ... on ${type.name} { ${selection} } }`
        : selection;
    }
    default:
      return `${selection} __typename`;
  }
}

function selectionText(draft: Draft, type: GraphQLObjectType, place: Place): string {
  const { choices } = draft;
  const fields = Object.values(type.getFields()).filter((field) => isGenerated(draft, field));
  const leaves = fields.filter((field) => !isCompositeType(getNamedType(field.type)));
  const selections: string[] = [];
  const count = 1 + choices.below(4);
  for (let index = 0; index < count; index += 1) {
    const deep = place.depth < DEPTH_MAX && draft.left > 0;
    const from = deep && choices.chance(45) ? fields : leaves;
    if (from.length === 0) break;
    draft.left -= 1;
    selections.push(wrapped(draft, type, fieldText(draft, choices.one(from), place)));
  }
  return selections.length > 0 ? selections.join(" ") : "__typename";
}

/** A field with arguments always has an alias of its own, so that no two fields of one selection conflict. */
function fieldText(draft: Draft, field: OutputField, place: Place): string {
  const meaning = meaningOf(field) as FieldMeaning;
  const { choices } = draft;
  const type = getNamedType(field.type);
  const below: Place = { depth: place.depth + 1 };
  const written = (args: Arguments, selection: string, alias = newName(draft, "a")): string => {
    const list = Object.entries(args).flatMap(([name, value]) =>
      value === undefined ? [] : [`${name}: ${literalText(value)}`],
    );
    if (list.length === 0 && field.args.length === 0 && !place.aliased && !draft.choices.chance(20))
      return `${field.name}${selection}`;
    return `${alias}: ${field.name}${list.length > 0 ? `(${list.join(", ")})` : ""}${selection}`;
  };
  const inner = (next: Place = below): string => ` { ${selectionText(draft, type as GraphQLObjectType, next)} }`;
  const called = (): Arguments => {
    const call = "call" in meaning ? meaning.call : undefined;
    const types = new Map(field.args.map((argument) => [argument.name, String(argument.type)]));
    return call ? callArguments(draft, call.arguments, types) : {};
  };
  switch (meaning.kind) {
    case "list":
      return written({ ...called(), ...listArguments(draft, meaning.object, place) }, inner());
    case "connection": {
      const alias = newName(draft, "a");
      return written(
        { ...called(), ...connectionArguments(draft, meaning.object, alias) },
        ` {${cursors(draft, alias)} ${connectionSelection(draft, meaning.object, below)} }`,
        alias,
      );
    }
    case "aggregate":
      return written(
        { ...called(), where: whereArgument(draft, meaning.object) },
        ` { ${measuresText(draft, type as GraphQLObjectType, [])} }`,
      );
    case "groups": {
      const { groupBy, keys } = groupByOf(draft, meaning.object);
      return written(
        { ...called(), ...groupsArguments(draft, meaning.object, groupBy, keys) },
        ` { ${measuresText(draft, type as GraphQLObjectType, keys)} }`,
      );
    }
    case "key":
      return written(keyArguments(draft, field, meaning.object), inner());
    case "node":
      return nodeText(draft, below);
    case "polymorphic": {
      const select = {
        inner: (member: GraphQLObjectType) => selectionText(draft, member, below),
        aliased: (member: GraphQLObjectType) => selectionText(draft, member, { ...below, aliased: true }),
      };
      const page = {
        limit: countArgument(draft, 60),
        offset: choices.chance(60) ? countArgument(draft, 60) : undefined,
      };
      return written(page, ` { ${memberSelections(draft, type as GraphQLAbstractType, select)} }`);
    }
    case "rowCall":
      return written(called(), inner());
    case "valueCall":
      return written(called(), "");
    default:
      return written({}, isCompositeType(type) ? inner() : "");
  }
}

const whereArgument = (draft: Draft, object: ObjectType): Given | undefined =>
  draft.choices.chance(50) ? given(draft, `${object.name}Where`, () => whereOf(draft, object)) : undefined;

const orderArgument = (draft: Draft, object: ObjectType): Given | undefined =>
  draft.choices.chance(55) ? orderOf(draft, object) : undefined;

const countArgument = (draft: Draft, most: number): Given => given(draft, "Int", () => draft.choices.below(most));

function listArguments(draft: Draft, object: ObjectType, { depth }: Place): Arguments {
  const { choices } = draft;
  const isLong = draft.store.rows(object).length > 250;
  const unordered = object.keys.length === 0;
  const limited = !unordered && choices.chance(depth === 0 ? (isLong ? 92 : 60) : 35);
  return {
    where: whereArgument(draft, object),
    // Rows without a key have no order of their own behind the terms.
    orderBy: unordered ? undefined : orderArgument(draft, object),
    limit: limited ? countArgument(draft, 12) : undefined,
    offset: !unordered && choices.chance(20) ? countArgument(draft, 9) : undefined,
  };
}

function connectionArguments(draft: Draft, object: ObjectType, alias: string): Arguments {
  const { choices } = draft;
  const size = choices.chance(95) ? countArgument(draft, 7) : undefined;
  const args: Arguments = {
    where: whereArgument(draft, object),
    orderBy: orderArgument(draft, object),
    [choices.chance(35) ? "last" : "first"]: size,
  };
  for (const name of ["after", "before"]) {
    if (!choices.chance(name === "after" ? 50 : 25)) continue;
    const variable = newName(draft, "c");
    draft.definitions.push(`$${variable}: String`);
    draft.walks.push({ alias, variable, pick: choices.below(7) });
    args[name] = { variable };
  }
  return args;
}

const cursors = (draft: Draft, alias: string): string =>
  draft.walks.some((walk) => walk.alias === alias) ? " walked: edges { cursor }" : "";

function connectionSelection(draft: Draft, object: ObjectType, place: Place): string {
  const { choices } = draft;
  const node = draft.schema.getType(object.name) as GraphQLObjectType;
  const parts = ["totalCount", "pageInfo { hasNextPage hasPreviousPage startCursor endCursor }", "__typename"];
  const selections = [choices.chance(70) ? `nodes { ${selectionText(draft, node, place)} }` : choices.one(parts)];
  if (choices.chance(45)) selections.push(`edges { cursor node { ${selectionText(draft, node, place)} } }`);
  if (choices.chance(50)) selections.push(choices.one(parts));
  return selections.join(" ");
}

function groupsArguments(
  draft: Draft,
  object: ObjectType,
  groupBy: Given,
  keys: readonly (readonly string[])[],
): Arguments {
  const { choices } = draft;
  return {
    groupBy,
    where: whereArgument(draft, object),
    having: choices.chance(30) ? given(draft, `${object.name}Having`, () => havingOf(draft, object)) : undefined,
    orderBy: choices.chance(50) ? groupOrderOf(draft, object, keys) : undefined,
    limit: choices.chance(80) ? countArgument(draft, 15) : undefined,
    offset: choices.chance(15) ? countArgument(draft, 5) : undefined,
  };
}

/** Measures, and of a group the keys it was made by. */
function measuresText(draft: Draft, type: GraphQLObjectType, keys: readonly (readonly string[])[]): string {
  const { choices } = draft;
  const selections = keys.map((path) => `key { ${path.join(" { ")} ${"} ".repeat(path.length)}`);
  const measures = Object.values(type.getFields()).filter(({ name }) => name !== "key");
  const count = 1 + choices.below(3);
  for (let index = 0; index < count; index += 1) {
    const measure = choices.one(measures);
    const inner = getNamedType(measure.type);
    if (!isCompositeType(inner)) selections.push(measure.name);
    else selections.push(`${measure.name} { ${choices.one(Object.keys((inner as GraphQLObjectType).getFields()))} }`);
  }
  return selections.join(" ");
}

function keyArguments(draft: Draft, field: OutputField, object: ObjectType): Arguments {
  const args: Arguments = {};
  for (const argument of field.args) {
    const scalar = object.fields.find((each) => each.name === argument.name);
    if (scalar?.kind !== "scalar") throw new Error(`no field for the key argument ${argument.name}`);
    // A key may have nulls, which find nothing.
    const rows = draft.store.rows(object).filter((row) => draft.store.textOf(row, scalar.value) !== null);
    args[argument.name] = given(draft, String(argument.type), () => {
      const row = rows[draft.choices.below(Math.max(1, rows.length))];
      return row ? inputOf(argument.type, scalar.value.type, draft.store.textOf(row, scalar.value)) : 0;
    });
  }
  return args;
}

function nodeText(draft: Draft, place: Place): string {
  const { choices, store } = draft;
  const objects = store.model.objects.filter(
    (object) => object.keys[0]?.primary && object.source.kind !== "value" && store.rows(object).length > 0,
  );
  const idOf = (object: ObjectType): string => {
    const rows = store.rows(object);
    return nodeId(rows[choices.below(rows.length)] as (typeof rows)[number]);
  };
  // The other request may name a row of another type.
  const object = choices.one(objects);
  const id = given(draft, "ID!", () => idOf(choices.chance(70) ? object : choices.one(objects)));
  const selection = selectionText(draft, draft.schema.getType(object.name) as GraphQLObjectType, place);
  return `${newName(draft, "a")}: node(id: ${literalText(id)}) { __typename nodeId ... on ${object.name} { ${selection} } }`;
}
