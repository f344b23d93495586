/** Catalogs of any well-formed database, for property tests. */
import fc from "fast-check";
import type {
  Catalog,
  CatalogColumn,
  CatalogFunction,
  CatalogRelation,
  PgType,
} from "../../../src/core/schema/catalog.ts";

/** Few words, so that names clash often, and some that are names of GraphQL or of generated types. */
const WORDS = [
  "film",
  "films",
  "film_actor",
  "FilmActor",
  "Film",
  "staff",
  "id",
  "film_id",
  "name",
  "Name",
  "node",
  "nodeId",
  "and",
  "query",
  "String",
  "string_filter",
  "film_where",
  "film_list",
  "film_connection",
  "films_aggregate",
  "tb_film",
  "v_film",
  "tv_film",
  "count",
  "__x",
  "2x",
  "日本",
  "😀",
  "a b",
  "a-b",
  "",
  "!!",
  "Int",
  "int4range",
  "IntRange",
  "film_row",
  "film_view",
  "data",
  "where",
];
const identifier = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...WORDS.filter((word) => word !== "")) },
  {
    weight: 1,
    arbitrary: fc.string({ unit: "grapheme", minLength: 1, maxLength: 8 }).filter((text) => !text.includes("\0")),
  },
);
const schemaName = fc.constantFrom("public", "sales", "Sch ema");
const base = fc
  .constantFrom("int4", "int8", "text", "float8", "jsonb", "json", "bool", "timestamptz", "uuid")
  .map((name): PgType => ({ kind: "base", name }));

type Named = { readonly schema: string; readonly name: string };
const uniqueNames = (max: number) =>
  fc.uniqueArray(fc.record({ schema: schemaName, name: identifier }), {
    maxLength: max,
    selector: ({ schema, name }) => `${schema}.${name}`,
  });

function typeOf(enums: readonly Named[], composites: readonly Named[]): fc.Arbitrary<PgType> {
  const simple: fc.Arbitrary<PgType>[] = [
    base,
    base.map((subtype): PgType => ({ kind: "range", schema: "pg_catalog", name: "int4range", subtype })),
    base.chain((inner) =>
      fc
        .record({ schema: schemaName, name: identifier })
        .map((name): PgType => ({ kind: "domain", ...name, base: inner })),
    ),
    fc.constant<PgType>({ kind: "other", schema: "pg_catalog", name: "tsvector" }),
  ];
  if (enums.length > 0) simple.push(fc.constantFrom(...enums).map((name): PgType => ({ kind: "enum", ...name })));
  if (composites.length > 0)
    simple.push(fc.constantFrom(...composites).map((name): PgType => ({ kind: "composite", ...name })));
  const one = fc.oneof({ weight: 4, arbitrary: base }, ...simple.map((arbitrary) => ({ weight: 1, arbitrary })));
  return fc.oneof(
    { weight: 5, arbitrary: one },
    { weight: 1, arbitrary: one.map((element): PgType => ({ kind: "array", element })) },
  );
}

const columnsOf = (type: fc.Arbitrary<PgType>, max: number, min = 0): fc.Arbitrary<CatalogColumn[]> =>
  fc.uniqueArray(fc.record({ name: identifier, type, notNull: fc.boolean() }), {
    minLength: min,
    maxLength: max,
    selector: ({ name }) => name,
  });

function relationOf(name: Named, type: fc.Arbitrary<PgType>): fc.Arbitrary<CatalogRelation> {
  return columnsOf(type, 7).chain((columns) => {
    const notNull = columns.filter((column) => column.notNull).map((column) => column.name);
    const key = fc.uniqueArray(fc.constantFrom(...(notNull.length > 0 ? notNull : ["-"])), {
      minLength: 1,
      maxLength: 3,
    });
    const total =
      notNull.length === 0
        ? fc.constant([])
        : fc.array(fc.tuple(key, fc.boolean()), { maxLength: 3 }).map((keys) =>
            keys.map(([columns, late], index) => ({
              name: `k${index}`,
              columns,
              primary: index === 0,
              ...(late && { deferrable: true as const }),
            })),
          );
    const mayBeNull = columns.filter((column) => !column.notNull).map(({ name }) => name);
    const defeated = fc
      .subarray(mayBeNull)
      .map((found) => found.map((each) => ({ name: each, columns: [each], primary: false, nullable: true as const })));
    return fc.record({
      schema: fc.constant(name.schema),
      name: fc.constant(name.name),
      kind: fc.constantFrom("table", "table", "table", "view", "materialized-view", "foreign-table"),
      columns: fc.constant(columns),
      keys: fc.tuple(total, defeated).map((all) => all.flat()),
      foreignKeys: fc.constant([]),
      rowSecurity: fc.boolean(),
    });
  });
}

/** Adds foreign keys: each to a key of some relation, over columns of its own. */
function withForeignKeys(relations: readonly CatalogRelation[]): fc.Arbitrary<readonly CatalogRelation[]> {
  const targets = relations.filter(({ keys }) => keys.length > 0);
  if (targets.length === 0) return fc.constant(relations);
  const foreignKeysOf = (relation: CatalogRelation) =>
    relation.columns.length === 0
      ? fc.constant([])
      : fc.array(
          fc
            .tuple(
              fc.constantFrom(...targets),
              fc.array(fc.constantFrom(...relation.columns), { minLength: 3, maxLength: 3 }),
              fc.boolean(),
            )
            .map(([target, columns, validated]) => {
              const targetColumns = target.keys[0]?.columns ?? [];
              const own = columns.slice(0, targetColumns.length).map(({ name }) => name);
              return {
                name: "fk",
                columns: own,
                target: { schema: target.schema, name: target.name },
                targetColumns,
                validated,
              };
            }),
          { maxLength: 4 },
        );
  return fc
    .tuple(...relations.map(foreignKeysOf))
    .map((all) => relations.map((relation, index) => ({ ...relation, foreignKeys: all[index] ?? [] })));
}

function functionOf(type: fc.Arbitrary<PgType>, rows: readonly Named[]): fc.Arbitrary<CatalogFunction> {
  const rowType =
    rows.length > 0 ? fc.constantFrom(...rows).map((name): PgType => ({ kind: "composite", ...name })) : type;
  const argument = fc.record({ name: fc.option(identifier), type: fc.oneof(type, rowType), hasDefault: fc.boolean() });
  const variadic = fc.record({
    name: fc.option(identifier),
    type: type.filter(({ kind }) => kind !== "array").map((element) => ({ kind: "array" as const, element })),
    hasDefault: fc.boolean(),
    variadic: fc.constant(true as const),
  });
  return fc.record({
    schema: schemaName,
    name: identifier,
    arguments: fc
      .tuple(fc.array(argument, { maxLength: 3 }), fc.option(variadic, { freq: 3 }))
      .map(([all, last]) => (last ? [...all, last] : all)),
    returns: fc.oneof(
      type.map((each) =>
        each.kind === "composite" ? { kind: "rows" as const, relation: each } : { kind: "value" as const, type: each },
      ),
      columnsOf(type, 3, 2).map((columns) => ({ kind: "table" as const, columns })),
      fc.constant({ kind: "void" as const }),
    ),
    returnsSet: fc.boolean(),
    volatility: fc.constantFrom("immutable", "stable", "volatile"),
    strict: fc.boolean(),
  });
}

const signatureOf = ({ schema, name, arguments: args }: CatalogFunction): string =>
  JSON.stringify([schema, name, args.map(({ type }) => type)]);

export const randomCatalog: fc.Arbitrary<Catalog> = fc
  .tuple(uniqueNames(8), uniqueNames(3), uniqueNames(3))
  .chain(([tables, enums, composites]) => {
    const leaf = typeOf(enums, []);
    const type = typeOf(enums, [...composites, ...tables.slice(0, 2)]);
    return fc
      .record({
        serverVersion: fc.constant(180000),
        relations: fc
          .tuple(...tables.map((name, index) => relationOf(name, index < 2 ? leaf : type)))
          .chain(withForeignKeys),
        enums: fc.tuple(
          ...enums.map((name) =>
            fc.uniqueArray(identifier, { minLength: 1, maxLength: 5 }).map((labels) => ({ ...name, labels })),
          ),
        ),
        composites: fc.tuple(
          ...composites.map((name) => columnsOf(leaf, 4).map((attributes) => ({ ...name, attributes }))),
        ),
        domains: fc.constant([]),
        functions: fc.uniqueArray(functionOf(type, tables), { maxLength: 5, selector: signatureOf }),
      })
      .map((catalog) => catalog as Catalog);
  });
