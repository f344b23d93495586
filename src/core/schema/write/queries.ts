/** The options of an object that make its keys and its root fields. */
import type { CatalogRelation } from "../catalog.ts";
import { SIBLING_FIELD_SUFFIXES } from "../generated-names.ts";
import type { Key, MutationField, ObjectType, QueryField } from "../model.ts";
import { mutationName, mutationsOf } from "../mutations-from-objects.ts";
import { type Code, literal, object, text } from "./code.ts";

type Options = readonly (readonly [string, Code | undefined])[];

const columnsOf = (key: Key): readonly string[] => key.columns.map(({ column }) => column);

/** Keys are written only where they are not those of the relation. */
export function keyOptions(type: ObjectType, relation: CatalogRelation): Options {
  const own = relation.keys.map(({ columns, primary, nullable }) => JSON.stringify([columns, primary, nullable]));
  const wanted = type.keys.map((key) => JSON.stringify([columnsOf(key), key.primary, key.nullable]));
  if (wanted.join() === own.join()) return [];
  const primary = type.keys.find((key) => key.primary);
  const nullable = type.keys.filter((key) => key.nullable).map(columnsOf);
  const others = type.keys.filter((key) => !key.primary && !key.nullable).map(columnsOf);
  return [
    ["primaryKey", primary && literal(columnsOf(primary))],
    ["uniqueKeys", others.length === 0 && (primary || nullable.length > 0) ? undefined : literal(others)],
    ["nullableKeys", nullable.length === 0 ? undefined : literal(nullable)],
  ];
}

/** `one`, `by` and `list`. */
export function queryOptions(type: ObjectType, queries: readonly QueryField[]): Options {
  const own = queries.filter((query) => query.type === type.name);
  const keyed = own.flatMap((query) => (query.kind === "one" ? [{ query, key: type.keys[query.key] }] : []));
  const primary = keyed.find(({ key }) => key?.primary)?.query;
  const others = keyed.filter(({ query }) => query !== primary);
  const by = others.map(({ query, key }): [string, Code] => {
    const columns = literal(key ? columnsOf(key) : []);
    const said = sayings(query);
    return [query.name, said.length === 0 ? columns : object([["columns", columns], ...said])];
  });
  return [
    ["one", primary && named(primary, [])],
    ["by", by.length === 0 ? undefined : object(by)],
    ["list", listOption(own)],
  ];
}

function listOption(own: readonly QueryField[]): Code | undefined {
  const list = own.find((query) => query.kind === "list");
  if (!list) return undefined;
  const siblings = (["connection", "aggregate", "groups"] as const).map((kind): [string, Code | undefined] => {
    const sibling = own.find((query) => query.kind === kind)?.name;
    if (sibling === undefined) return [kind, "false"];
    return [kind, sibling === `${list.name}${SIBLING_FIELD_SUFFIXES[kind]}` ? undefined : text(sibling)];
  });
  return named(list, siblings);
}

/** The name alone, or an object where there is more to say. */
function named(query: QueryField, extra: Options): Code {
  const more = object([...extra, ...sayings(query)]);
  return more.entries.length === 0 ? text(query.name) : object([["name", text(query.name)], ...more.entries]);
}

function sayings({
  description,
  deprecated,
  requires,
}: QueryField | MutationField): readonly (readonly [string, Code])[] {
  return object([
    ["description", description === undefined ? undefined : text(description)],
    ["deprecated", deprecated === undefined ? undefined : text(deprecated)],
    ["requires", requires === undefined ? undefined : literal(requires)],
  ]).entries;
}

/** `mutations: true` where all that are possible have their usual names, otherwise what differs. */
export function mutationOption(type: ObjectType, mutations: readonly MutationField[]): Code | undefined {
  const own = new Map(mutations.filter((each) => each.type === type.name).map((each) => [each.kind, each]));
  if (own.size === 0) return undefined;
  const usual = mutationsOf(type, (kind) => mutationName(type.name, kind));
  const differing = usual.map(({ kind, name }): [string, Code | undefined] => {
    const found = own.get(kind);
    if (!found) return [kind, "false"];
    const more = sayings(found);
    if (more.length > 0) return [kind, object([["name", text(found.name)], ...more])];
    return [kind, found.name === name ? undefined : text(found.name)];
  });
  const code = object(differing);
  return code.entries.length === 0 ? "true" : code;
}
