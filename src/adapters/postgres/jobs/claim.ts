import type { Fragment, Sql } from "postgres";
import type { Job, RetryPolicy } from "../../../core/jobs/job.ts";
import type { ClaimedJob, ClaimOptions } from "../../../ports/job-queue.ts";

export type JobRow = {
  readonly id: string;
  readonly org: string;
  readonly unique_key: string | null;
  readonly not_before: number | null;
  readonly retry: RetryPolicy;
  readonly timeout_ms: number;
  readonly payload: string;
};

/** Due jobs that one claim wakes. */
const WAKE_MAX = 500;

export function jobOf({ id, org, unique_key, not_before, retry, timeout_ms, payload }: JobRow): Job {
  return {
    id,
    org,
    ...(unique_key === null ? {} : { uniqueKey: unique_key }),
    ...(not_before === null ? {} : { notBefore: not_before }),
    retry,
    timeoutMs: timeout_ms,
    payload,
  };
}

/**
 * What is due gets its turn; a lost lease too, or, its attempts used up, its job is abandoned. Jobs are locked before orgs
 * here and after them by enqueue, but only those that are there already, for which enqueue never waits.
 */
export async function wakeStatement(sql: Sql, now: Fragment): Promise<void> {
  await sql`
    with due as materialized (
      select id, org, due_at, state = 'running' and attempts >= attempts_max as lost from fraiseql.jobs
      where state in ('running', 'scheduled', 'retryable') and due_at <= ${now}
      order by due_at limit ${WAKE_MAX} for update skip locked
    ), numbered as (
      select id, org, row_number() over (partition by org order by due_at, id) as place,
        count(*) over (partition by org) as size
      from due where not lost
    ), turns as (
      insert into fraiseql.job_turns as held (org, next)
      select org, (select turn from fraiseql.job_present) + count(*) from numbered group by org order by org
      on conflict (org) do update set next =
        greatest(held.next, (select turn from fraiseql.job_present)) + excluded.next - (select turn from fraiseql.job_present)
      returning org, next
    ), woken as (
      update fraiseql.jobs set state = 'available', token = null, turn = next - size + place - 1
      from numbered join turns using (org) where jobs.id = numbered.id
    )
    update fraiseql.jobs set state = 'discarded', token = null, abandoned = true, ended = nextval('fraiseql.job_endings')
    from due where jobs.id = due.id and due.lost`;
}

export async function claimStatement(
  sql: Sql,
  now: Fragment,
  { count, leaseMs }: ClaimOptions,
): Promise<readonly ClaimedJob[]> {
  const token = crypto.randomUUID();
  const rows = await sql<(JobRow & { attempts: number; due_at: number; turn: number })[]>`
    with picked as materialized (
      select id from fraiseql.jobs where state = 'available' order by turn limit ${count} for update skip locked
    ), taken as (
      update fraiseql.jobs set state = 'running', attempts = attempts + 1, token = ${token}, ended_token = null,
        due_at = ${now} + ${leaseMs}::bigint
      from picked where jobs.id = picked.id
      returning jobs.*
    ), present as (
      update fraiseql.job_present set turn = (select max(turn) from taken)
      where turn < (select max(turn) from taken)
    )
    select id, org, unique_key, not_before::float8, retry, timeout_ms, payload, attempts, due_at::float8, turn::float8
    from taken order by turn`;
  return rows.map((row) => ({ job: jobOf(row), attempt: row.attempts, token, leasedUntil: row.due_at }));
}
