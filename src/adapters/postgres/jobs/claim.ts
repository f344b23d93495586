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

/** A row of `fraiseql.jobs` as the job it holds. */
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

/** Claims jobs under one new token; `now` is SQL for milliseconds since 1970. */
export async function claimStatement(
  sql: Sql,
  now: Fragment,
  { count, leaseMs }: ClaimOptions,
): Promise<readonly ClaimedJob[]> {
  const token = crypto.randomUUID();
  const rows = await sql<(JobRow & { attempts: number; due_at: number })[]>`
    select id, org, unique_key, not_before::float8, retry, timeout_ms, payload, attempts, due_at::float8
    from fraiseql.claim_jobs(${token}, ${count}, ${leaseMs}, ${now})`;
  return rows.map((row) => ({ job: jobOf(row), attempt: row.attempts, token, leasedUntil: row.due_at }));
}
