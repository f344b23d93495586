/** The part of a catalog a model rests on: what `fraiseql check` holds against the live database. */
import {
  type Catalog,
  type CatalogFunction,
  type CatalogRelation,
  type PgType,
  type QualifiedName,
  qualifiedKey,
} from "./catalog.ts";
import type { Field, Model, ObjectType } from "./model.ts";
import { requiredColumns } from "./writable.ts";

const equal = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((each, index) => each === b[index]);

/** Relations with the columns, keys and foreign keys the model uses, and the functions and types of those. */
export function catalogUsedBy(model: Model, catalog: Catalog): Catalog {
  const objects = new Map(model.objects.map((object) => [object.name, object]));
  const columns = usedColumns(model, objects);
  const relies = relianceOf(model, objects);
  const functions = usedFunctions(model, catalog);
  const inserted = insertedRelations(model, objects);
  const types = reachableTypes(catalog, [
    ...catalog.relations.flatMap((relation) =>
      relation.columns.filter(({ name }) => columns.get(qualifiedKey(relation))?.has(name)).map(({ type }) => type),
    ),
    ...functions.flatMap(typesOfFunction),
  ]);
  // A table's row type that is the type of a value shows all of its columns.
  for (const relation of catalog.relations) {
    if (types.has(qualifiedKey(relation)))
      columns.set(qualifiedKey(relation), new Set(relation.columns.map(({ name }) => name)));
  }
  const isUsed = (name: QualifiedName): boolean => types.has(qualifiedKey(name));
  return {
    serverVersion: catalog.serverVersion,
    relations: catalog.relations.flatMap((relation) => {
      const used = columns.get(qualifiedKey(relation));
      if (!used) return [];
      const required = inserted.has(qualifiedKey(relation)) ? { required: requiredColumns(relation) } : {};
      return [{ ...usedRelation(relation, used, relies(relation)), ...required }];
    }),
    enums: catalog.enums.filter(isUsed),
    composites: catalog.composites.filter(isUsed),
    domains: catalog.domains.filter(isUsed),
    functions,
  };
}

const sourceRelation = (object: ObjectType | undefined): QualifiedName | undefined =>
  object && object.source.kind !== "value" ? object.source.relation : undefined;

function usedColumns(model: Model, objects: ReadonlyMap<string, ObjectType>): Map<string, Set<string>> {
  const used = new Map<string, Set<string>>();
  const use = (relation: QualifiedName | undefined, columns: readonly string[]): void => {
    if (!relation) return;
    const known = used.get(qualifiedKey(relation)) ?? new Set();
    used.set(qualifiedKey(relation), known);
    for (const column of columns) known.add(column);
  };
  for (const object of model.objects) {
    const relation = sourceRelation(object);
    use(relation, object.source.kind === "document" ? [object.source.column] : []);
    for (const key of object.keys)
      use(
        relation,
        key.columns.map(({ column }) => column),
      );
    for (const field of object.fields) {
      use(relation, columnsOfField(field));
      if (field.kind !== "relation") continue;
      use(sourceRelation(objects.get(field.type)), field.foreign);
      if (field.through) use(field.through.relation, [...field.through.local, ...field.through.foreign]);
    }
  }
  return used;
}

function columnsOfField(field: Field): readonly string[] {
  if (field.kind === "relation") return field.local;
  if (field.value.from === "column") return [field.value.column];
  return field.value.from === "expression" ? field.value.columns : [];
}

/** What of each relation the model relies on, by the relation's key. */
type Reliance = {
  readonly keys: (readonly string[])[];
  /** Columns by which a relation ends at one row of it. */
  readonly ends: (readonly string[])[];
  /** To-one relations that are certain. */
  readonly certain: {
    readonly local: readonly string[];
    readonly foreign: readonly string[];
    readonly target: string;
  }[];
};

function relianceOf(model: Model, objects: ReadonlyMap<string, ObjectType>): (relation: QualifiedName) => Reliance {
  const all = new Map<string, Reliance>();
  const of = (relation: QualifiedName): Reliance => {
    const known = all.get(qualifiedKey(relation)) ?? { keys: [], ends: [], certain: [] };
    all.set(qualifiedKey(relation), known);
    return known;
  };
  for (const object of model.objects) {
    const own = sourceRelation(object);
    if (!own) continue;
    of(own).keys.push(...object.keys.map(({ columns }) => columns.map(({ column }) => column)));
    for (const field of object.fields) {
      const target =
        field.kind === "relation" && field.cardinality === "one" ? sourceRelation(objects.get(field.type)) : undefined;
      if (field.kind !== "relation" || !target) continue;
      of(target).ends.push(field.foreign);
      if (!field.nullable)
        of(own).certain.push({ local: field.local, foreign: field.foreign, target: qualifiedKey(target) });
    }
  }
  return of;
}

/** Keys that stand in the model or make a relation end at one row, and foreign keys that make one certain. */
function usedRelation(
  { constraints: _, ...relation }: CatalogRelation,
  columns: ReadonlySet<string>,
  relies: Reliance,
): CatalogRelation {
  return {
    ...relation,
    columns: relation.columns.filter(({ name }) => columns.has(name)),
    keys: relation.keys.filter(
      (key) =>
        relies.keys.some((each) => equal(each, key.columns)) ||
        relies.ends.some((foreign) => key.columns.every((column) => foreign.includes(column))),
    ),
    foreignKeys: relation.foreignKeys.filter((key) =>
      relies.certain.some(
        ({ local, foreign, target }) =>
          equal(local, key.columns) && equal(foreign, key.targetColumns) && target === qualifiedKey(key.target),
      ),
    ),
  };
}

/** Relations that generated mutations add rows to. */
function insertedRelations(model: Model, objects: ReadonlyMap<string, ObjectType>): ReadonlySet<string> {
  const relations = (model.mutations ?? []).flatMap((mutation) => {
    const adds = /^(insert|upsert)/.test(mutation.kind);
    const relation = adds && mutation.kind !== "function" ? sourceRelation(objects.get(mutation.type)) : undefined;
    return relation ? [qualifiedKey(relation)] : [];
  });
  return new Set(relations);
}

/** Overloads are kept together: which of them the model means shows in a call only. */
function usedFunctions(model: Model, catalog: Catalog): readonly CatalogFunction[] {
  const names = new Set<string>();
  for (const query of model.queries) {
    if (query.kind === "function-rows" || query.kind === "function-value") names.add(qualifiedKey(query.function));
  }
  for (const mutation of model.mutations ?? [])
    if (mutation.kind === "function") names.add(qualifiedKey(mutation.function));
  for (const field of model.objects.flatMap((object) => object.fields)) {
    if (field.kind !== "relation" && field.value.from === "function") names.add(qualifiedKey(field.value.function));
  }
  return catalog.functions.filter((each) => names.has(qualifiedKey(each)));
}

function typesOfFunction(each: CatalogFunction): readonly PgType[] {
  // The row a computed field takes is not looked into by the API.
  const args = each.arguments.map(({ type }) => type).filter(({ kind }) => kind !== "composite");
  switch (each.returns.kind) {
    case "value":
      return [...args, each.returns.type];
    case "table":
      return [...args, ...each.returns.columns.map(({ type }) => type)];
    case "rows":
      return args;
    case "void":
      return args;
  }
}

/** Names of the enums, domains and composites among the types and inside of them. */
function reachableTypes(catalog: Catalog, start: readonly PgType[]): ReadonlySet<string> {
  const attributes = new Map([
    ...catalog.relations.map((each) => [qualifiedKey(each), each.columns] as const),
    ...catalog.composites.map((each) => [qualifiedKey(each), each.attributes] as const),
  ]);
  const reached = new Set<string>();
  const todo = [...start];
  for (let type = todo.pop(); type; type = todo.pop()) {
    if (type.kind === "base" || type.kind === "other") continue;
    if (type.kind === "array") todo.push(type.element);
    else if (!reached.has(qualifiedKey(type))) {
      reached.add(qualifiedKey(type));
      if (type.kind === "domain") todo.push(type.base);
      if (type.kind === "range") todo.push(type.subtype);
      if (type.kind === "composite") todo.push(...(attributes.get(qualifiedKey(type)) ?? []).map((each) => each.type));
    }
  }
  return reached;
}
