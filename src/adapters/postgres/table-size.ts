import type { Database } from "../../ports/database.ts";
import type { TableSize } from "../../ports/table-size.ts";
import { quotedName } from "./quoted-name.ts";

/** Rows of other kinds of relations, and of other kinds of storage, do not lie on pages that a ctid tells. */
const PAGES = `
select pg_relation_size(r.oid) / current_setting('block_size')::int8
from pg_class r join pg_am a on a.oid = r.relam
where r.oid = to_regclass($1) and r.relkind in ('r', 'm') and a.amname = 'heap'`;

/**
 * What ANALYZE found, every n-th of its bounds. An index gives the column's order, and rows that lie on pages in about that order
 * are read once and one after the other. Materialized, or all of the bounds would be read from their text for each of them.
 */
const BOUNDS = `
with found as materialized (
  select s.histogram_bounds::text::text[] as bounds, r.reltuples as rows
  from pg_class r
  join pg_namespace n on n.oid = r.relnamespace
  join pg_attribute a on a.attrelid = r.oid and a.attname = $2
  join pg_stats s on s.schemaname = n.nspname and s.tablename = r.relname and s.attname = a.attname and not s.inherited
  where r.oid = to_regclass($1) and r.relkind in ('r', 'm') and abs(s.correlation) > 0.9
  and exists (
    select from pg_index i join pg_class c on c.oid = i.indexrelid join pg_am m on m.oid = c.relam
    where i.indrelid = r.oid and i.indkey[0] = a.attnum and i.indisvalid and i.indpred is null and m.amname = 'btree'
  )
)
select b.value
from found f
cross join lateral (select cardinality(f.bounds) - 1 as pieces) p
cross join lateral unnest(f.bounds) with ordinality as b(value, place)
where b.place - 1 between 1 and p.pieces - 1
and (b.place - 1) % greatest(ceil($3::float8 * p.pieces / greatest(f.rows, 1)), 1)::int8 = 0
order by b.place`;

/** However old, bounds cut a table into ranges that hold all of its rows; these get less even with time. */
const BOUNDS_MS = 60_000;

/** Asks the catalog, one statement each time. Bounds are remembered; who finds old ones has them, and they are asked for anew. */
export function tableSize(database: Database, now: () => number): TableSize {
  const known = new Map<string, { readonly bounds: Promise<readonly string[]>; readonly since: number }>();
  return {
    bounds(relation, column, rows) {
      const values = [quotedName(relation), column, String(rows)];
      const key = JSON.stringify(values);
      const found = known.get(key);
      if (found && now() - found.since < BOUNDS_MS) return found.bounds;
      const bounds = database.rows({ text: BOUNDS, values }).then((all) => all.map(([value]) => value as string));
      known.set(key, { bounds, since: now() });
      bounds.catch(() => known.delete(key));
      return found?.bounds ?? bounds;
    },
    pages: async (relation, options) => {
      const [row] = await database.rows({ text: PAGES, values: [quotedName(relation)] }, options);
      return row?.[0] === undefined || row[0] === null ? undefined : Number(row[0]);
    },
  };
}
