import type { Fragment, Sql } from "postgres";
import type { Job } from "../../../core/jobs/job.ts";

/**
 * Gives the ids that were new. All orgs get their turns (which locks their rows, in the order of their names) before the
 * first job is written, so that two who enqueue the same at the same time wait for each other and never in a ring.
 */
export async function enqueueStatement(sql: Sql, now: Fragment, jobs: readonly Job[]): Promise<readonly string[]> {
  const given = JSON.stringify(
    jobs.map(({ id, org, uniqueKey, notBefore, retry, timeoutMs, payload }, n) => {
      const flat = { n, id, org, unique_key: uniqueKey, not_before: notBefore, retry, timeout_ms: timeoutMs, payload };
      return { ...flat, attempts_max: retry.attemptsMax };
    }),
  );
  const rows = await sql<{ id: string }[]>`
    with given as materialized (
      select *, coalesce(not_before, 0) <= ${now} as due
      from json_to_recordset(${given}::text::json) as one (n integer, id text, org text, unique_key text,
        not_before bigint, retry json, timeout_ms integer, payload text, attempts_max integer)
      where not exists (select from fraiseql.jobs known where known.id = one.id offset 0)
    ), numbered as (
      select *, row_number() over (partition by org, due order by n) as place from given
    ), turns as (
      insert into fraiseql.job_turns as held (org, next)
      select org, (select turn from fraiseql.job_present) + count(*) filter (where due) from given group by org order by org
      on conflict (org) do update set next =
        greatest(held.next, (select turn from fraiseql.job_present)) + excluded.next - (select turn from fraiseql.job_present)
      returning org, next
    ), sizes as (
      select org, count(*) as size from given where due group by org
    ), added as (
      insert into fraiseql.jobs
        (id, org, unique_key, state, attempts_max, turn, due_at, not_before, retry, timeout_ms, payload)
      select id, org, unique_key, case when due then 'available' else 'scheduled' end, attempts_max,
        case when due then next - size + place - 1 end, coalesce(not_before, 0), not_before, retry, timeout_ms, payload
      from numbered left join turns using (org) left join sizes using (org)
      order by n
      on conflict do nothing
      returning id
    )
    select id from added`;
  const added = new Set(rows.map(({ id }) => id));
  // An id that was given twice is new once.
  return jobs.flatMap(({ id }) => (added.delete(id) ? [id] : []));
}
