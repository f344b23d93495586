/** Objects of the API while they are made from relations: named, with their source, keys and own fields; relations come after. */
import { type Catalog, type CatalogKey, type CatalogRelation, qualifiedKey } from "../catalog.ts";
import type { Field, Key, ObjectSource, ObjectType } from "../model.ts";
import { camelName, capitalized, entityName, pascalName, RESERVED_FIELD_NAMES } from "../naming.ts";
import { singular } from "../plural.ts";
import { totalKey } from "../total-key.ts";
import { isDeferrable } from "../writable.ts";
import { documentObject } from "./document-object.ts";
import type { DocumentShapes } from "./document-shape.ts";
import { type NameScope, nameScope } from "./name-scope.ts";
import { namesOfObject } from "./type-names.ts";
import { columnFields, type ValueTypes } from "./value-types.ts";

export type Draft = {
  readonly relation: CatalogRelation;
  /** The write table a FraiseQL view stands for. */
  readonly base: CatalogRelation | undefined;
  readonly name: string;
  /** What fields over rows of it are named after, in camel case and singular: `filmActor`, whatever the type's name. */
  readonly entity: string;
  readonly source: ObjectSource;
  readonly scope: NameScope;
  readonly fields: Field[];
  readonly keys: readonly Key[];
  /** Objects that are values inside its documents. */
  readonly values: readonly ObjectType[];
};

export type DraftContext = {
  readonly catalog: Catalog;
  readonly documents: DocumentShapes;
  readonly typeNames: NameScope;
  readonly values: ValueTypes;
  readonly notes: string[];
};

/** Drafts of all relations that have a column to show, in the order of the catalog. */
export function draftObjects(context: DraftContext): readonly Draft[] {
  const { catalog, notes } = context;
  const shown = catalog.relations.filter((relation) => {
    if (relation.columns.length === 0) notes.push(`${titleOf(relation)} is left out: it has no columns.`);
    return relation.columns.length > 0;
  });
  const shapes = new Map(
    context.documents.filter((shape) => shape.fields.length > 0).map((shape) => [qualifiedKey(shape.relation), shape]),
  );
  const isDocument = (relation: CatalogRelation): boolean => shapes.has(qualifiedKey(relation));
  const names = nameRelations(shown, isDocument, context.typeNames);

  return shown.map((relation) => {
    const name = names.get(relation) ?? "";
    const shape = shapes.get(qualifiedKey(relation));
    const scope = nameScope(RESERVED_FIELD_NAMES, notes);
    const base = baseTable(relation, catalog);
    const own = shape
      ? documentObject({
          relation,
          shape,
          base,
          owner: name,
          scope,
          typeNames: context.typeNames,
          values: context.values,
          notes,
        })
      : { fields: columnFields(relation.columns, context.values, titleOf(relation), notes, scope).fields, objects: [] };
    const { schema, name: table } = relation;
    const keys = usableKeys(relation, own.fields, base, notes);
    return {
      relation,
      base,
      name,
      entity: camelName(singular(entityName(table))),
      source: shape
        ? { kind: "document", relation: { schema, name: table }, column: shape.column }
        : { kind: "columns", relation: { schema, name: table } },
      scope,
      fields: own.fields.map((field) => (isKeyOfView(field, keys, relation) ? { ...field, nullable: false } : field)),
      keys,
      values: own.objects,
    };
  });
}

const titleOf = ({ kind, schema, name }: CatalogRelation): string =>
  `${capitalized(kind.replace("-", " "))} ${schema}.${name}`;

/**
 * FraiseQL's views are the API of their entity and come first, then tables named in the singular, then the others.
 * What gives way takes a suffix or its schema's name.
 */
function nameRelations(
  relations: readonly CatalogRelation[],
  isDocument: (relation: CatalogRelation) => boolean,
  scope: NameScope,
): ReadonlyMap<CatalogRelation, string> {
  const rank = (relation: CatalogRelation): number => {
    if (isDocument(relation)) return relation.name.startsWith("tv_") ? 0 : 1;
    if (/^t?v_/.test(relation.name)) return 4;
    if (entityName(relation.name) !== relation.name) return 5;
    return singular(relation.name) === relation.name ? 2 : 3;
  };
  const isElsewhere = (relation: CatalogRelation): number => Number(relation.schema !== "public");
  const ordered = [...relations].sort((a, b) => rank(a) - rank(b) || isElsewhere(a) - isElsewhere(b));
  return new Map(
    ordered.map((relation) => {
      const plain = pascalName(singular(entityName(relation.name)));
      const inSchema = pascalName(`${relation.schema}_${singular(entityName(relation.name))}`);
      const suffix = relation.kind === "table" && !isDocument(relation) ? "Row" : "View";
      const candidates = [
        plain,
        ...(entityName(relation.name) === relation.name ? [] : [plain + suffix]),
        ...(isElsewhere(relation) ? [inSchema, inSchema + suffix] : []),
        pascalName(relation.name),
        inSchema,
      ];
      return [relation, scope.claim([...new Set(candidates)], titleOf(relation), namesOfObject)];
    }),
  );
}

/** The write table of a FraiseQL view: `tb_city` of `v_city` and `tv_city`. */
function baseTable(view: CatalogRelation, catalog: Catalog): CatalogRelation | undefined {
  if (!/^t?v_/.test(view.name)) return undefined;
  const tables = catalog.relations.filter(
    ({ kind, name }) => kind === "table" && name === `tb_${entityName(view.name)}`,
  );
  return tables.find(({ schema }) => schema === view.schema) ?? (tables.length === 1 ? tables[0] : undefined);
}

/** Keys whose columns all are plain values, since a client has to give them. */
function usableKeys(
  relation: CatalogRelation,
  fields: readonly Field[],
  base: CatalogRelation | undefined,
  notes: string[],
): readonly Key[] {
  const types = new Map(
    fields.flatMap((field) =>
      field.kind === "scalar" && !field.list && field.value.from === "column"
        ? [[field.value.column, field.value.type] as const]
        : [],
    ),
  );
  const columnsOf = (columns: readonly string[]): Key["columns"] =>
    columns.flatMap((column) => {
      const type = types.get(column);
      return type ? [{ column, type }] : [];
    });
  const usable = (keys: CatalogRelation["keys"]): CatalogRelation["keys"] =>
    keys.filter((key) => columnsOf(key.columns).length === key.columns.length);

  const own = usable(relation.keys);
  for (const key of relation.keys) {
    if (!own.includes(key))
      notes.push(`Key ${key.name} of ${titleOf(relation)} is left out: a column of it is no plain value.`);
    else if (key.assumed)
      notes.push(
        `Key ${key.name} of ${titleOf(relation)} is taken on trust: PostgreSQL does not enforce it over inheriting tables.`,
      );
  }
  const keyOf = (key: CatalogKey, primary: boolean): Key => ({
    columns: columnsOf(key.columns),
    primary,
    ...(key.nullable && { nullable: true }),
    ...(isDeferrable(relation, key.columns) && { deferrable: true }),
  });
  const ownKeys = own.map((key) => keyOf(key, key.primary));
  if (totalKey(ownKeys) || !base || relation.kind === "table") return ownKeys;

  const isId = (key: { readonly columns: readonly string[] }): boolean =>
    key.columns.length === 1 && key.columns[0] === "id";
  const inherited = usable(base.keys);
  if (inherited.length > 0)
    notes.push(
      `Keys of ${titleOf(relation)} are those of ${base.schema}.${base.name}, taken on trust: a view has none.`,
    );
  // What the view cannot promise for itself, since it allows nulls everywhere, its table does.
  const more = own.filter((key) => !inherited.some((other) => other.columns.join("\0") === key.columns.join("\0")));
  const total = inherited.filter((key) => !key.nullable);
  return [
    ...[...total.filter(isId), ...total.filter((key) => !isId(key))].map((key, index) => keyOf(key, index === 0)),
    ...[...inherited.filter((key) => key.nullable), ...more].map((key) => keyOf(key, false)),
  ];
}

/** By FraiseQL's convention a view has a row for each row of its table, so the columns of its key hold no null. */
function isKeyOfView(field: Field, keys: readonly Key[], relation: CatalogRelation): boolean {
  if (relation.kind === "table" || field.kind !== "scalar" || field.value.from !== "column" || field.type === "Float")
    return false;
  const { column } = field.value;
  return keys.some((key) => !key.nullable && key.columns.some((each) => each.column === column));
}
