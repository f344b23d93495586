/** Versions of the data, asked of PostgreSQL. */
import { FraiseqlError } from "../../core/errors.ts";
import type { DataVersion } from "../../ports/data-version.ts";
import type { Database } from "../../ports/database.ts";
import { namesAsArray } from "./quoted-name.ts";

/**
 * The snapshot says which transactions are to be seen; two equal ones see the same rows. Transaction ids are unique for
 * one server in one life: a backup that is restored, a standby that takes over, a crash that lost transactions
 * nobody had synchronized may give them out again, so what tells these apart is part of the version. Settings are
 * loaded without a transaction.
 *
 * Where the snapshot is not all that rows follow from there is none: on a standby (its snapshots do not list what is
 * running), with foreign tables, other kinds of storage, or Citus, whose rows lie elsewhere; and for what is not a
 * plain table or materialized view (a view may look at the clock), or has row security (its policies may).
 */
const SNAPSHOT = `
select concat_ws('/', c.system_identifier, p.timeline_id, extract(epoch from pg_postmaster_start_time()),
  extract(epoch from b.stats_reset), extract(epoch from pg_conf_load_time()), pg_current_snapshot())
from pg_control_system() c, pg_control_checkpoint() p, pg_stat_bgwriter b
where not pg_is_in_recovery()
  and not exists (select from pg_foreign_table)
  and not exists (select from pg_extension where extname = 'citus')
  and not exists (select from pg_am where amtype = 't' and amname <> 'heap')
  and not exists (
    select from unnest($1::text[]) as named(name) left join pg_class r on r.oid = to_regclass(named.name)
    where r.oid is null or r.relkind not in ('r', 'p', 'm') or r.relrowsecurity
  )`;

/** The version from PostgreSQL's own snapshots: it changes with every write anywhere on the server. */
export function snapshotVersion(database: Database): DataVersion {
  return {
    now: async ({ relations, isOpaque }, options) => {
      if (isOpaque) return undefined;
      try {
        const [row] = await database.rows({ text: SNAPSHOT, values: [namesAsArray(relations)] }, options);
        return row?.[0] ?? undefined;
      } catch (error) {
        // Something like PostgreSQL without its system functions, or a role that may not call them: no version then.
        if (error instanceof FraiseqlError && !PASSING.has(error.code)) return undefined;
        throw error;
      }
    },
  };
}

/** With these, the export itself will not do better. */
const PASSING: ReadonlySet<string> = new Set(["DATABASE_UNAVAILABLE", "REQUEST_CANCELLED", "STATEMENT_TIMEOUT"]);

/** The version from a query of the operator, who vouches for it; null is none. */
export function queriedVersion(database: Database, text: string): DataVersion {
  return {
    now: async (_, options) => (await database.rows({ text, values: [] }, options))[0]?.[0] ?? undefined,
  };
}
