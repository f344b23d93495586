/** What rules can be written against in one deployment: entities of observed tables, with the columns that events carry. */
import type { Catalog, CatalogRelation } from "../schema/catalog.ts";
import type { Model } from "../schema/model.ts";
import { type Entities, type Entity, entitiesOfModel } from "./entities.ts";

/** As `events` of the configuration has them. */
export type Capture = {
  /** `schema.table`, or `*`; absent: the tables of the catalog. */
  readonly tables?: readonly string[] | undefined;
  /** `schema.table.column`: of a table that is named here, events carry these columns alone. */
  readonly columns?: readonly string[] | undefined;
};

/**
 * The entities of a model as their events are. A rule about what no event carries would never match and nobody would know
 * why: it is refused, with what to do about it.
 */
export function observedEntities(model: Model, catalog: Pick<Catalog, "relations">, capture: Capture): Entities {
  const shown = listedColumns(capture.columns ?? []);
  const relations = new Map(catalog.relations.map((relation) => [`${relation.schema}.${relation.name}`, relation]));
  return new Map(
    [...entitiesOfModel(model)].map(([name, entity]) => {
      const relation = relations.get(entity.table);
      const unobserved = whyUnobserved(entity.table, relation?.kind, capture.tables);
      const kept = withoutWithheld(entity, relation, shown.get(entity.table));
      return [name, unobserved === undefined ? kept : { ...kept, unobserved }];
    }),
  );
}

/** Columns by `schema.table`. */
export function listedColumns(paths: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const listed = new Map<string, string[]>();
  for (const path of paths) {
    const [schema = "", name = "", column = ""] = path.split(".");
    const table = `${schema}.${name}`;
    listed.set(table, [...(listed.get(table) ?? []), column]);
  }
  return listed;
}

function whyUnobserved(
  table: string,
  kind: CatalogRelation["kind"] | undefined,
  tables: Capture["tables"],
): string | undefined {
  if (kind !== undefined && kind !== "table")
    return `${table} is a ${kind.replace("-", " ")}: only changes of tables are events`;
  if (tables === undefined || tables.includes("*") || tables.includes(table)) return undefined;
  return `changes of ${table} are no events: events.tables would have to list it`;
}

function withoutWithheld(
  entity: Entity,
  relation: CatalogRelation | undefined,
  shown: readonly string[] | undefined,
): Entity {
  const isVirtual = (column: string) =>
    relation?.columns.some(({ name, generated }) => name === column && generated === "virtual") === true;
  const withheld = new Map<string, string>();
  const fields = new Map(entity.fields);
  for (const { name, apiName } of entity.fields.values()) {
    const isListed = shown === undefined || shown.includes(name);
    if (isListed && !isVirtual(name)) continue;
    const why = isListed
      ? "is computed when it is read: events do not carry it"
      : `is not in events of ${entity.table}: events.columns would have to list ${entity.table}.${name}`;
    fields.delete(name);
    for (const each of [name, apiName ?? name]) withheld.set(each, why);
  }
  return withheld.size > 0 ? { ...entity, fields, withheld } : entity;
}
