import type { Sql } from "postgres";
import type { OpenTransaction } from "../../../ports/outbox.ts";

/** Where the first text of a statement begins, quoted or between dollars: it may be a password. */
const FROM_FIRST_TEXT = String.raw`('|\$([[:alpha:]_][[:alnum:]_]*)?\$).*`;

/**
 * The oldest transaction with an id: until it is over, no snapshot's horizon passes it. Its statement is shown up to the
 * first text in it, for what is shown is logged too.
 */
export async function oldestWriter(sql: Sql): Promise<OpenTransaction | null> {
  const [row] = await sql<{ pid: number | null; since: string; age: number; query: string }[]>`
    select pid, to_char(since at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as since,
      (extract(epoch from clock_timestamp() - since) * 1000)::float8 as age, query
    from (
      select pid, xact_start as since, left(regexp_replace(query, ${FROM_FIRST_TEXT}, '…'), 200) as query, age(backend_xid) as xid_age
      from pg_stat_activity where backend_xid is not null and pid <> pg_backend_pid()
      union all
      select null, prepared, left('prepared transaction ' || gid, 200), age(transaction) from pg_prepared_xacts
    ) as writers
    order by xid_age desc limit 1`;
  return row ? { pid: row.pid, since: row.since, ageMs: Math.max(0, Math.round(row.age)), query: row.query } : null;
}
