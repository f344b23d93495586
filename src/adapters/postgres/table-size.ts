import type { Database } from "../../ports/database.ts";
import type { TableSize } from "../../ports/table-size.ts";
import { quotedName } from "./quoted-name.ts";

/** Rows of other kinds of relations, and of other kinds of storage, do not lie on pages that a ctid tells. */
const PAGES = `
select pg_relation_size(r.oid) / current_setting('block_size')::int8
from pg_class r join pg_am a on a.oid = r.relam
where r.oid = to_regclass($1) and r.relkind in ('r', 'm') and a.amname = 'heap'`;

/** Asks the catalog, one statement each time. */
export function tableSize(database: Database): TableSize {
  return {
    pages: async (relation, options) => {
      const [row] = await database.rows({ text: PAGES, values: [quotedName(relation)] }, options);
      return row?.[0] === undefined || row[0] === null ? undefined : Number(row[0]);
    },
  };
}
