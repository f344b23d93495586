/** Reads the catalog of a live database. */
import type {
  Catalog,
  CatalogColumn,
  CatalogForeignKey,
  CatalogKey,
  CatalogRelation,
  QualifiedName,
} from "../../../core/schema/catalog.ts";
import type { Database } from "../../../ports/database.ts";
import { readServerVersion } from "../server-version.ts";
import { type FunctionRow, readFunction } from "./catalog-functions.ts";
import {
  ATTRIBUTES,
  COLUMNS,
  CONSTRAINTS,
  FOREIGN_KEYS,
  FUNCTIONS,
  KEYS,
  RELATIONS,
  TYPES,
} from "./catalog-queries.ts";
import type { AttributeRow, ColumnRow, ConstraintRow, ForeignKeyRow, KeyRow, RelationRow } from "./catalog-rows.ts";
import { nondeterministic, type PgTypes, readTypes, type TypeRow, withModifier } from "./catalog-types.ts";

const RELATION_KINDS = {
  r: "table",
  p: "table",
  v: "view",
  m: "materialized-view",
  f: "foreign-table",
} as const satisfies Record<RelationRow["kind"], CatalogRelation["kind"]>;

/**
 * The catalog of what the connected role may read: relations, keys, types and functions of the schemas.
 *
 * @param options.schemas names of schemas; by default all but PostgreSQL's own.
 * @param options.notes receives a line for each function that is left out
 * @throws FraiseqlError as `Database.rows` does.
 */
export async function introspect(
  database: Database,
  options: { readonly schemas?: readonly string[]; readonly notes?: string[] } = {},
): Promise<Catalog> {
  const schemas = [options.schemas ? JSON.stringify(options.schemas) : null];
  const read = async <Row>(text: string, values: readonly (string | null)[] = schemas): Promise<readonly Row[]> =>
    (await database.rows({ text, values })).map(([json]) => JSON.parse(json ?? "null") as Row);

  // The longest first: a caller can use the time it takes.
  const typeRows = await read<TypeRow>(TYPES, []);
  const attributes = groupBy(await read<AttributeRow>(ATTRIBUTES, []), (row) => row.composite);
  const serverVersion = await readServerVersion(database);
  const types = readTypes(typeRows, new Set(attributes.keys()));
  const relations = readRelations({
    types,
    relations: await read<RelationRow>(RELATIONS),
    columns: groupBy(await read<ColumnRow>(COLUMNS), (row) => row.relation),
    keys: groupBy(await read<KeyRow>(KEYS), (row) => row.relation),
    foreignKeys: groupBy(await read<ForeignKeyRow>(FOREIGN_KEYS), (row) => row.relation),
    constraints: groupBy(await read<ConstraintRow>(CONSTRAINTS), (row) => row.relation),
  });
  const functions = (await read<FunctionRow>(FUNCTIONS)).flatMap((row) => {
    const found = readFunction(row, types);
    if (!("leftOut" in found)) return [found];
    options.notes?.push(`Function ${row.schema}.${row.name} is left out: ${found.leftOut}.`);
    return [];
  });

  return {
    serverVersion,
    relations: relations.sort(byName),
    enums: typeRows
      .flatMap((row) =>
        row.kind === "e" && row.labels ? [{ ...named(row), labels: row.labels, ...comment(row) }] : [],
      )
      .sort(byName),
    composites: typeRows
      .flatMap((row) => {
        const own = row.relationKind === "c" ? attributes.get(row.oid) : undefined;
        return own
          ? [{ ...named(row), attributes: own.map((each) => readAttribute(each, types)), ...comment(row) }]
          : [];
      })
      .sort(byName),
    domains: typeRows
      .flatMap((row) =>
        row.kind === "d" && row.schema !== "information_schema"
          ? [
              {
                ...named(row),
                base: withModifier(types.of(row.base), row.modifier),
                notNull: types.forbidsNull(row.oid),
                ...comment(row),
              },
            ]
          : [],
      )
      .sort(byName),
    functions: functions.sort(
      (a, b) => byName(a, b) || compareTexts(JSON.stringify(a.arguments), JSON.stringify(b.arguments)),
    ),
  };
}

type Rows = {
  readonly types: PgTypes;
  readonly relations: readonly RelationRow[];
  readonly columns: ReadonlyMap<number, readonly ColumnRow[]>;
  readonly keys: ReadonlyMap<number, readonly KeyRow[]>;
  readonly foreignKeys: ReadonlyMap<number, readonly ForeignKeyRow[]>;
  readonly constraints: ReadonlyMap<number, readonly ConstraintRow[]>;
};

function readRelations(rows: Rows): CatalogRelation[] {
  const shapes = new Map(rows.relations.map((row) => [row.oid, shapeOf(rows.columns.get(row.oid) ?? [])]));
  // A table that inherits and adds nothing is a partition in the old style: its rows are its parent's.
  const isPartition = (row: RelationRow): boolean =>
    row.parents?.some((parent) => shapes.get(parent) === shapes.get(row.oid) && shapes.get(parent) !== "") ?? false;
  const partitions = new Set(rows.relations.filter(isPartition).map((row) => row.oid));

  return rows.relations
    .filter((row) => !partitions.has(row.oid))
    .map((row) => {
      const columns = (rows.columns.get(row.oid) ?? []).map((column) => readColumn(column, rows.types));
      return {
        ...named(row),
        kind: RELATION_KINDS[row.kind],
        columns,
        keys: keysOf(row, columns, rows, partitions),
        foreignKeys: foreignKeysOf(row, rows),
        ...constraintsOf(row, rows),
        rowSecurity: row.rowSecurity,
        ...comment(row),
      };
    });
}

const shapeOf = (columns: readonly ColumnRow[]): string =>
  columns
    .map(({ name, type }) => JSON.stringify([name, type]))
    .sort()
    .join();

/** A unique index does not reach into inheriting tables: over partitions in the old style it is taken on trust, over others not at all. */
function keysOf(
  row: RelationRow,
  columns: readonly CatalogColumn[],
  rows: Rows,
  partitions: ReadonlySet<number>,
): CatalogKey[] {
  const heirs = row.heirs ?? [];
  if (!heirs.every((heir) => partitions.has(heir))) return [];
  const never = new Set(columns.filter((column) => column.notNull).map((column) => column.name));
  return (rows.keys.get(row.oid) ?? [])
    .map(({ name, columns, primary, deferrable }): CatalogKey => {
      const isTotal = columns.every((column) => never.has(column));
      return {
        name,
        columns,
        // Partitions in the old style may allow nulls the primary key of their parent forbids.
        primary: primary && isTotal,
        ...(heirs.length > 0 && { assumed: true as const }),
        ...(!isTotal && { nullable: true as const }),
        ...(deferrable && { deferrable: true as const }),
      };
    })
    .sort(
      (a, b) =>
        Number(b.primary) - Number(a.primary) ||
        Number(a.nullable ?? false) - Number(b.nullable ?? false) ||
        a.columns.length - b.columns.length ||
        compareTexts(a.name, b.name),
    );
}

/** A foreign key of a parent says nothing about the rows of an inheriting table, unless that has the same one. */
function foreignKeysOf(row: RelationRow, rows: Rows): CatalogForeignKey[] {
  const same = (a: ForeignKeyRow, b: ForeignKeyRow): boolean =>
    JSON.stringify([a.target, a.columns, a.targetColumns]) === JSON.stringify([b.target, b.columns, b.targetColumns]);
  return (rows.foreignKeys.get(row.oid) ?? [])
    .map((key) => ({
      name: key.name,
      columns: key.columns,
      target: key.target,
      targetColumns: key.targetColumns,
      validated:
        key.validated &&
        (row.heirs ?? []).every((heir) =>
          rows.foreignKeys.get(heir)?.some((other) => other.validated && same(key, other)),
        ),
    }))
    .sort((a, b) => compareTexts(a.name, b.name));
}

function constraintsOf({ oid }: RelationRow, { constraints }: Rows): Pick<CatalogRelation, "constraints"> {
  const found = (constraints.get(oid) ?? []).map(({ name, columns }) => ({ name, columns }));
  return found.length > 0 ? { constraints: found.sort((a, b) => compareTexts(a.name, b.name)) } : {};
}

function readColumn(row: ColumnRow, types: PgTypes): CatalogColumn {
  const type = withModifier(types.of(row.type), row.modifier);
  return {
    name: row.name,
    type: row.nondeterministic ? nondeterministic(type) : type,
    notNull: row.notNull || (row.isTable && types.forbidsNull(row.type)),
    ...comment(row),
    ...(row.hasDefault && { hasDefault: true }),
    ...(row.generated !== "" && { generated: row.generated === "s" ? ("stored" as const) : ("virtual" as const) }),
    ...(row.identity !== "" && { identity: row.identity === "a" ? ("always" as const) : ("default" as const) }),
  };
}

const readAttribute = (row: AttributeRow, types: PgTypes): CatalogColumn => ({
  name: row.name,
  type: withModifier(types.of(row.type), row.modifier),
  notNull: false,
  ...comment(row),
});

const named = ({ schema, name }: QualifiedName): QualifiedName => ({ schema, name });
const comment = (row: { readonly comment: string | null }): { comment?: string } =>
  row.comment === null ? {} : { comment: row.comment };

/** By code unit, so that the order is the same on every machine and in every database. */
const compareTexts = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
const byName = (a: QualifiedName, b: QualifiedName): number =>
  compareTexts(a.schema, b.schema) || compareTexts(a.name, b.name);

function groupBy<Row>(rows: readonly Row[], keyOf: (row: Row) => number): Map<number, Row[]> {
  const groups = new Map<number, Row[]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row));
    if (group) group.push(row);
    else groups.set(keyOf(row), [row]);
  }
  return groups;
}
