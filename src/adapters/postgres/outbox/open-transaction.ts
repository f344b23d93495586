import type { Sql } from "postgres";
import type { OpenTransaction } from "../../../ports/outbox.ts";

/** Where the first text of a statement begins, quoted or between dollars: it may be a password. */
const FROM_FIRST_TEXT = String.raw`('|\$([[:alpha:]_][[:alnum:]_]*)?\$).*`;

/** Events that are looked at for a younger transaction. */
const EVENTS_MAX = 1_000;

/**
 * The oldest transaction with an id: until it is over, no snapshot's horizon passes it. Its statement is shown up to the
 * first text in it, for what is shown is logged too.
 *
 * PostgreSQL hides from a role without `pg_read_all_stats` since when the transactions of others run, and their statements, but not
 * their ids: who wrote an event under a larger id began later.
 *
 * @param barrier only one with a smaller id
 */
export async function oldestWriter(sql: Sql, barrier?: bigint): Promise<OpenTransaction | null> {
  const id = barrier?.toString() ?? null;
  const [row] = await sql<{ pid: number | null; since: string | null; age: number | null; query: string }[]>`
    select pid, to_char(since at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as since, query,
      (extract(epoch from clock_timestamp() - coalesce(since, (
        select min(o.occurred_at) from (
          select occurred_at, xmin from fraiseql.outbox where position > (select position from fraiseql.relay) order by position limit ${EVENTS_MAX}
        ) as o where age(o.xmin) < xid_age
      ))) * 1000)::float8 as age
    from (
      select pid, xact_start as since, age(backend_xid) as xid_age, case
        when xact_start is null then format('hidden; grant pg_read_all_stats to %I shows it', current_user)
        else left(regexp_replace(query, ${FROM_FIRST_TEXT}, '…'), 200) end as query
      from pg_stat_activity where backend_xid is not null and pid <> pg_backend_pid()
      union all
      select null, prepared, age(transaction), left('prepared transaction ' || gid, 200) from pg_prepared_xacts
    ) as writers
    where ${id}::text is null or xid_age > age(${id}::text::xid8::xid)
    order by xid_age desc limit 1`;
  return row
    ? { pid: row.pid, since: row.since, ageMs: Math.max(0, Math.round(row.age ?? 0)), query: row.query }
    : null;
}
