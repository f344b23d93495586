/** Plain graphql-js over the store: one simple resolver per kind of field. */
import {
  type DocumentNode,
  type ExecutionResult,
  execute,
  type GraphQLAbstractType,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLSchema,
} from "graphql";
import { FraiseqlError } from "../../../src/core/errors.ts";
import { type FieldMeaning, meaningOf, type RowsFrom } from "../../../src/core/graphql/meaning.ts";
import type { ObjectType, RelationField } from "../../../src/core/schema/model.ts";
import { calledRows, calledValue } from "./calls.ts";
import { wherePredicate } from "./filter.ts";
import { type Group, groupsOf, keyValue } from "./groups.ts";
import { type MeasureName, measurePgType, measureTexts } from "./measures.ts";
import { compareToCursor, cursorOf, cursorValues, orderTerms, sorted, type Term } from "./order.ts";
import type { Held, Store } from "./store.ts";
import { arrayItems, baseType, castText, fieldValue } from "./text-forms.ts";

type Arguments = Readonly<Record<string, unknown>>;
type Context = { readonly store: Store; readonly pageRowsMax: number };
type Page = {
  readonly rows: readonly Held[];
  readonly terms: readonly Term[];
  readonly total: number;
  readonly more: boolean;
  readonly args: Arguments;
  /** More rows than a page may have, and no size was asked for. */
  readonly tooLong: boolean;
};
type Measured = { readonly object: ObjectType; readonly rows: readonly Held[]; readonly group?: Group };

export async function runOracle(
  schema: GraphQLSchema,
  document: DocumentNode,
  variableValues: Arguments,
  contextValue: Context,
): Promise<ExecutionResult> {
  return execute({
    schema,
    document,
    variableValues: withoutPrototypes(variableValues) as Arguments,
    contextValue,
    fieldResolver: resolveField as GraphQLFieldResolver<unknown, unknown>,
    typeResolver: (value) => (value as Held).object.name,
  });
}

/** graphql-js would take what every object inherits for the value of a field called `constructor`. */
function withoutPrototypes(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(withoutPrototypes);
  const entries = Object.entries(value).map(([name, item]) => [name, withoutPrototypes(item)] as const);
  return Object.assign(Object.create(null), Object.fromEntries(entries));
}

/**
 * Always a promise: where one item of a list fails at once and another later, graphql-js leaves the other's rejection to nobody.
 */
const resolveField: GraphQLFieldResolver<unknown, Context> = async (source, args: Arguments, context, info) => {
  const field = (info.parentType as GraphQLObjectType).getFields()[info.fieldName];
  const meaning = field && meaningOf(field);
  if (!meaning) throw new Error(`${info.fieldName} has no meaning`);
  if (meaning.kind === "polymorphic") {
    const type = info.schema.getType(meaning.type) as GraphQLAbstractType;
    return memberRows(context, info.schema.getPossibleTypes(type), args);
  }
  return resolveMeaning(source, args, context, meaning);
};

function resolveMeaning(source: unknown, args: Arguments, context: Context, meaning: FieldMeaning): unknown {
  const { store } = context;
  const held = source as Held;
  switch (meaning.kind) {
    case "scalar":
      return fieldValue(meaning.field.value.type, store.textOf(held, meaning.field.value));
    case "embedded": {
      const { value, list } = meaning.field;
      const document = value.from === "document" ? held.document?.[value.key] : undefined;
      const text = value.from === "document" ? null : store.textOf(held, value);
      if (!list) return store.embedded(meaning.object, value.type, text, document);
      if (value.from === "document")
        return Array.isArray(document)
          ? document.map((item) => store.embedded(meaning.object, value.type, null, item))
          : null;
      const base = baseType(value.type);
      if (text === null || base.kind !== "array") return null;
      return arrayItems(text).map((item) => store.embedded(meaning.object, base.element, item, undefined));
    }
    case "nodeId":
      return nodeId(held);
    case "one":
      return store.related(held, meaning.relation)[0] ?? null;
    case "list":
      return listRows(context, meaning, held, args);
    case "connection":
      return connection(context, meaning, held, args);
    case "aggregate":
      return filtered(context, meaning, held, args).then((rows): Measured => ({ object: meaning.object, rows }));
    case "groups":
      return groups(context, meaning, held, args);
    case "key":
      return byKey(store, meaning.object, meaning.key, args);
    case "node":
      return byNodeId(store, String(args["id"]));
    case "rowCall":
      // A function that finds nothing gives a row of nulls.
      return calledRows(store, meaning.call, meaning.object, args).then(
        (rows) => rows.find(({ row }) => Object.values(row).some((text) => text !== null)) ?? null,
      );
    case "valueCall":
      return calledValue(store, meaning.call, args);
    case "part":
      return connectionPart(source, meaning.part);
    case "count":
      return (source as Measured).rows.length;
    case "measures":
    case "groupKeys":
      return source;
    case "measure":
      return measured(store, source as Measured, meaning.function, meaning.field);
    case "groupHop":
      return { ...(source as Measured), path: [...pathOf(source), meaning.relation] };
    case "groupKey":
      return keyValue((source as Measured).group as Group, pathOf(source), meaning.field);
    default:
      throw new Error(`the oracle does not run ${meaning.kind}`);
  }
}

const pathOf = (source: unknown): readonly RelationField[] =>
  (source as { path?: readonly RelationField[] }).path ?? [];

export function nodeId(held: Held): string {
  const key = (held.object.keys[0]?.columns ?? []).map(({ column, type }) => castText(type, held.row[column] ?? null));
  return Buffer.from(JSON.stringify([held.object.name, ...key]), "utf8").toString("base64url");
}

type Subject = RowsFrom & { readonly object: ObjectType };

async function filtered(
  { store }: Context,
  { object, relation, call }: Subject,
  parent: Held,
  args: Arguments,
): Promise<readonly Held[]> {
  const all = (): readonly Held[] => (relation ? store.related(parent, relation) : store.rows(object));
  const rows = call ? await calledRows(store, call, object, args) : all();
  if (args["where"] === undefined) return rows;
  const holds = await wherePredicate(store, object, args["where"]);
  return rows.filter((held) => holds(held) === true);
}

/** One member after the other, each in the order of its key. */
async function memberRows(
  context: Context,
  members: readonly GraphQLObjectType[],
  args: Arguments,
): Promise<readonly Held[]> {
  const rows = members.map(async ({ name }) => {
    const object = context.store.object(name);
    return sorted(context.store.rows(object), await orderTerms(context.store, object, undefined));
  });
  return paged(context, (await Promise.all(rows)).flat(), args);
}

async function listRows(context: Context, subject: Subject, parent: Held, args: Arguments): Promise<readonly Held[]> {
  const rows = await filtered(context, subject, parent, args);
  const isOrdered = args["orderBy"] !== undefined && args["orderBy"] !== null;
  if (subject.call && !isOrdered) return paged(context, rows, args);
  const terms = await orderTerms(context.store, subject.object, args["orderBy"]);
  return paged(context, sorted(rows, terms), args);
}

function paged<T>({ pageRowsMax }: Context, rows: readonly T[], args: Arguments): readonly T[] {
  const limit = counted(args["limit"], pageRowsMax);
  const offset = counted(args["offset"], Number.MAX_SAFE_INTEGER) ?? 0;
  const page = rows.slice(offset, limit === undefined ? undefined : offset + limit);
  if (page.length > pageRowsMax) throw new FraiseqlError("PAGE_LIMIT", "too many rows");
  return page;
}

function counted(value: unknown, max: number): number | undefined {
  if (value === undefined || value === null) return undefined;
  const number = value as number;
  if (number < 0) throw new FraiseqlError("BAD_USER_INPUT", "a negative count");
  if (number > max) throw new FraiseqlError("PAGE_LIMIT", "too many rows asked for");
  return number;
}

async function connection(context: Context, subject: Subject, parent: Held, args: Arguments): Promise<Page> {
  const first = counted(args["first"], context.pageRowsMax);
  const last = counted(args["last"], context.pageRowsMax);
  if (first !== undefined && last !== undefined) throw new FraiseqlError("BAD_USER_INPUT", "first and last");
  const terms = await orderTerms(context.store, subject.object, args["orderBy"]);
  const all = sorted(await filtered(context, subject, parent, args), terms);
  const after = args["after"] ? cursorValues(String(args["after"]), terms.length) : undefined;
  const before = args["before"] ? cursorValues(String(args["before"]), terms.length) : undefined;
  const window = all.filter(
    (held) =>
      (!after || compareToCursor(held, after, terms) > 0) && (!before || compareToCursor(held, before, terms) < 0),
  );
  const size = first ?? last;
  const more = size !== undefined && window.length > size;
  const rows =
    first !== undefined
      ? window.slice(0, first)
      : last !== undefined
        ? window.slice(window.length - Math.min(last, window.length))
        : window;
  return { rows, terms, total: all.length, more, args, tooLong: rows.length > context.pageRowsMax };
}

function connectionPart(source: unknown, part: string): unknown {
  if (part === "node" || part === "cursor") {
    const { held, terms } = source as { held: Held; terms: readonly Term[] };
    return part === "node" ? held : cursorOf(held, terms);
  }
  const page = source as Page;
  const { rows, terms, total, more, args, tooLong } = page;
  if (tooLong && part !== "totalCount") throw new FraiseqlError("PAGE_LIMIT", "too many rows");
  const backward = args["last"] !== undefined && args["last"] !== null;
  const edge = (held: Held | undefined): string | null => (held ? cursorOf(held, terms) : null);
  switch (part) {
    case "totalCount":
      return total;
    case "nodes":
      return rows;
    case "edges":
      return rows.map((held) => ({ held, terms }));
    case "pageInfo":
      return page;
    case "hasNextPage":
      return backward ? Boolean(args["before"]) : more;
    case "hasPreviousPage":
      return backward ? more : Boolean(args["after"]);
    case "startCursor":
      return edge(rows[0]);
    default:
      return edge(rows.at(-1));
  }
}

async function groups(context: Context, subject: Subject, parent: Held, args: Arguments): Promise<readonly Measured[]> {
  const rows = await filtered(context, subject, parent, args);
  const found = await groupsOf(context.store, subject.object, rows, args);
  return paged(context, found, args).map((group) => ({ object: subject.object, rows: group.rows, group }));
}

async function measured(store: Store, { object, rows }: Measured, name: MeasureName, field: FieldOf): Promise<unknown> {
  const [text = null] = await measureTexts(store, object, name, field.value, [rows]);
  const value = fieldValue(measurePgType(name, field.value.type), text);
  return name === "countDistinct" ? Number(text) : value;
}

type FieldOf = Extract<FieldMeaning, { kind: "measure" }>["field"];

function byKey(store: Store, object: ObjectType, index: number, args: Arguments): Held | null {
  const wanted = (object.keys[index]?.columns ?? []).map(({ column, type }) => {
    const field = object.fields.find(
      (each) => each.kind === "scalar" && each.value.from === "column" && each.value.column === column,
    );
    return { column, type, value: String(args[field?.name ?? ""]) };
  });
  const matches = (held: Held): boolean =>
    wanted.every(({ column, type, value }) => sameValue(type, held.row[column] ?? null, value));
  return store.rows(object).find(matches) ?? null;
}

/** Equality of a stored text and an operand, for the types of keys. */
const sameValue = (type: Parameters<typeof castText>[0], stored: string | null, operand: string): boolean =>
  stored !== null && (castText(type, stored) === castText(type, operand) || fieldValue(type, stored) === operand);

function byNodeId(store: Store, id: string): Held | null {
  const [name] = JSON.parse(Buffer.from(id, "base64url").toString("utf8")) as string[];
  return store.rows(store.object(String(name))).find((held) => nodeId(held) === id) ?? null;
}
