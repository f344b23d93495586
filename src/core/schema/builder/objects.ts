/** Parts that are objects: over rows, over documents, and values. */

import type { Catalog, CatalogRelation } from "../catalog.ts";
import { SIBLING_FIELD_SUFFIXES } from "../generated-names.ts";
import type { Key } from "../model.ts";
import { WRITE_KINDS } from "../mutations-from-objects.ts";
import { isDeferrable, settableColumns } from "../writable.ts";
import { columnOf, type Facts, typeText } from "./facts.ts";
import { type ColumnName, nameIn, type RelationName, type RelationOf } from "./inferred-types.ts";
import {
  DOCUMENTATION_KEYS,
  type Documentation,
  documented,
  FIELD_KEYS,
  type FieldPart,
  type FieldParts,
  fieldSays,
  type InterfacePart,
  type ListOptions,
  type MutationOptions,
  type ObjectPart,
  type PlainField,
  type QueryOptions,
  type RootQueryDraft,
} from "./parts.ts";
import { callSite, checkKeys, lookUp, refuse } from "./problem.ts";
import { type RowFields, rowFields } from "./row-fields.ts";
import { type JsonFields, jsonFields } from "./value-fields.ts";

export type ObjectOptions<
  From extends string,
  Column extends string,
  I extends readonly InterfacePart[],
> = Documentation & {
  /** The table or view whose rows the object shows. */
  readonly from: From;
  /** The root field for one row by its primary key. */
  readonly one?: string | QueryOptions;
  /** Root fields for one row by another key of the relation. */
  readonly by?: Readonly<
    Record<string, readonly Column[] | (Omit<QueryOptions, "name"> & { readonly columns: readonly Column[] })>
  >;
  /** The root field for all rows; `films` also makes `filmsConnection`, `filmsAggregate` and `filmsGroups`. */
  readonly list?: string | ListOptions;
  /** For views, which have no keys of their own: columns no two rows share. They must not be null. */
  readonly primaryKey?: readonly Column[];
  readonly uniqueKeys?: readonly (readonly Column[])[];
  /** Columns no two rows share unless one of them is null: they find one row, but name no row in cursors and node ids. */
  readonly nullableKeys?: readonly (readonly Column[])[];
  readonly implements?: I;
  /** For tables: root fields that insert, update, upsert and delete rows. */
  readonly mutations?: MutationOptions;
};

/** The fields an object owes to the interfaces it implements. */
export type Owed<I extends readonly InterfacePart[]> = {
  readonly [Name in keyof I[number]["fields"]]: I[number]["fields"][Name] extends PlainField<infer Type>
    ? FieldPart<Type>
    : FieldPart;
};

const OBJECT_KEYS = [
  "from",
  "one",
  "by",
  "list",
  "primaryKey",
  "uniqueKeys",
  "nullableKeys",
  "implements",
  "mutations",
  ...DOCUMENTATION_KEYS,
];

type AnyObjectOptions = ObjectOptions<string, string, readonly InterfacePart[]>;

/** An object whose fields are columns of a relation. */
export function tablePart<C extends Catalog>(
  facts: Facts,
  name: string,
  options: AnyObjectOptions,
  fields: (f: RowFields<C, never>) => FieldParts,
): ObjectPart {
  checkKeys(options, OBJECT_KEYS, name);
  const relation = lookUp(facts.relations, options.from, "the catalog", "relation");
  const source = { kind: "columns", relation: qualified(relation) } as const;
  return rowObject(name, relation, options, source, fields(rowFields(facts, relation)));
}

export type DocumentFields<C extends Catalog, R> = RowFields<C, R> & JsonFields;

/** An object whose fields are keys of a JSON column; other columns of the view are filters and joins. */
export function documentPart<C extends Catalog>(
  facts: Facts,
  name: string,
  options: AnyObjectOptions & { readonly column?: string },
  fields: (f: DocumentFields<C, never>) => FieldParts,
): ObjectPart {
  checkKeys(options, ["column", ...OBJECT_KEYS], name);
  const relation = lookUp(facts.relations, options.from, "the catalog", "relation");
  const column = options.column ?? "data";
  const { type } = columnOf(relation.columns, column, options.from);
  if (type.kind !== "base" || (type.name !== "jsonb" && type.name !== "json")) {
    refuse(`${options.from}.${column} is ${typeText(type)}; a document is jsonb or json`);
  }
  const source = { kind: "document", relation: qualified(relation), column } as const;
  return rowObject(
    name,
    relation,
    options,
    source,
    fields({ ...rowFields<C, never>(facts, relation), ...jsonFields(name) }),
  );
}

function rowObject(
  name: string,
  relation: CatalogRelation,
  options: AnyObjectOptions,
  source: ObjectPart["source"],
  fields: FieldParts,
): ObjectPart {
  const keys = keysOf(relation, options);
  return {
    part: "object",
    name,
    origin: name,
    stack: callSite(),
    ...documented(options, relation.comment),
    source,
    fields,
    keys,
    interfaces: (options.implements ?? []).map((each) => each.origin),
    queries: rootQueries(name, options, keys),
    settable: relation.kind === "table" && source.kind === "columns" ? settableColumns(relation) : [],
    constraints: relation.constraints,
    mutations: checkedMutations(name, relation, source, options.mutations),
  };
}

function checkedMutations(
  name: string,
  { kind }: Pick<CatalogRelation, "kind">,
  source: ObjectPart["source"],
  options: MutationOptions | undefined,
): MutationOptions | undefined {
  if (options === undefined || options === false) return undefined;
  if (kind !== "table" || source.kind !== "columns")
    return refuse(`${name} is not over the columns of a table; only those have mutations of their own`);
  checkMutations(name, options);
  return options;
}

/** Whether every kind and every word said of it is known. */
export function checkMutations(name: string, options: MutationOptions | undefined): void {
  if (typeof options !== "object") return;
  checkKeys(options, WRITE_KINDS, `mutations of ${name}`);
  for (const [kind, said] of Object.entries(options)) {
    if (typeof said === "object") checkKeys(said, ["name", ...FIELD_KEYS], `mutations.${kind} of ${name}`);
  }
}

const qualified = ({ schema, name }: CatalogRelation) => ({ schema, name });

function keysOf(relation: CatalogRelation, options: AnyObjectOptions): readonly Key[] {
  const key = (columns: readonly string[], primary: boolean, nullable = false): Key => ({
    columns: columns.map((column) => ({ column, type: columnOf(relation.columns, column, nameIn(relation)).type })),
    primary,
    ...(nullable && { nullable: true }),
    ...(isDeferrable(relation, columns) && { deferrable: true }),
  });
  const { primaryKey, uniqueKeys, nullableKeys } = options;
  if (primaryKey === undefined && uniqueKeys === undefined && nullableKeys === undefined) {
    return relation.keys.map((each) => key(each.columns, each.primary, each.nullable));
  }
  return [
    ...(primaryKey === undefined ? [] : [key(primaryKey, true)]),
    ...(uniqueKeys ?? []).map((columns) => key(columns, false)),
    ...(nullableKeys ?? []).map((columns) => key(columns, false, true)),
  ];
}

/** The root fields an object asks for, in the order they have in the schema. */
export function rootQueries(
  name: string,
  options: Pick<AnyObjectOptions, "one" | "by" | "list">,
  keys: readonly Key[],
): RootQueryDraft[] {
  const queries: RootQueryDraft[] = [];
  if (options.one !== undefined) {
    const said = typeof options.one === "string" ? { name: options.one } : options.one;
    checkKeys(said, ["name", ...FIELD_KEYS], `one of ${name}`);
    const primary = keys.find((key) => key.primary);
    if (!primary)
      return refuse(
        `${name} has no primary key for the root field ${said.name}; give \`primaryKey\` or leave out \`one\``,
      );
    queries.push({
      kind: "one",
      name: said.name,
      ...fieldSays(said),
      columns: primary.columns.map(({ column }) => column),
    });
  }
  for (const [field, said] of Object.entries(options.by ?? {})) {
    const long = isColumns(said) ? { columns: said } : said;
    checkKeys(long, ["columns", ...FIELD_KEYS], `by.${field} of ${name}`);
    queries.push({ kind: "one", name: field, ...fieldSays(long), columns: long.columns });
  }
  const [list, ...siblings] = options.list === undefined ? [] : listQueries(name, options.list);
  return list ? [list, ...queries, ...siblings] : queries;
}

function isColumns<T>(said: T): said is Extract<T, readonly string[]> {
  return Array.isArray(said);
}

/** The root list of a type and its siblings. */
function listQueries(name: string, list: string | ListOptions): RootQueryDraft[] {
  const said: ListOptions = typeof list === "string" ? { name: list } : list;
  checkKeys(said, ["name", "connection", "aggregate", "groups", ...FIELD_KEYS], `list of ${name}`);
  const siblings = (["connection", "aggregate", "groups"] as const).flatMap((kind): RootQueryDraft[] => {
    const wanted = said[kind] ?? `${said.name}${SIBLING_FIELD_SUFFIXES[kind]}`;
    // What may not be selected in one form may not be selected in another.
    const { requires } = fieldSays(said);
    return wanted === false ? [] : [{ kind, name: wanted, ...(requires ? { requires } : {}) }];
  });
  return [{ kind: "list", name: said.name, ...fieldSays(said) }, ...siblings];
}

/** Makes a table's or document's options for the compiler: columns are those of the relation `from` names. */
export type TableOptions<
  C extends Catalog,
  From extends RelationName<C>,
  I extends readonly InterfacePart[],
> = ObjectOptions<From, ColumnName<RelationOf<C, From>>, I>;
