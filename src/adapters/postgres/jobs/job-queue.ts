/**
 * The `JobQueue` port on PostgreSQL, one statement per call; those of `0004-jobs.sql` are functions there. Fairness is start-time fair
 * queueing: a job gets its turn in virtual time when it becomes available, its org's next one, and the smallest turn is
 * claimed first; so a claim is one step along an index whatever the number of orgs.
 */
import type { Fragment, Sql } from "postgres";
import { FraiseqlError } from "../../../core/errors.ts";
import { checkJob, JOB_LIMITS } from "../../../core/jobs/check-job.ts";
import { JOB_STATES, type JobState } from "../../../core/jobs/job.ts";
import type { JobQueue } from "../../../ports/job-queue.ts";
import { asked } from "../worker/worker-sql.ts";
import { claimStatement, type JobRow, jobOf } from "./claim.ts";
import { endStatement } from "./end.ts";
import { enqueueStatement } from "./enqueue.ts";

export type PostgresJobQueueOptions = {
  /** A simulated clock, milliseconds since 1970; PostgreSQL's own when left out. */
  readonly now?: () => number;
};

/** Jobs of one statement: larger calls are cut, lest one holds its locks for long. */
const BATCH_MAX = 1_000;

/** The connections stay the caller's: `close` leaves them open. */
export function openJobQueue(sql: Sql, { now }: PostgresJobQueueOptions = {}): JobQueue {
  const clock = (): Fragment =>
    now === undefined ? sql`(extract(epoch from clock_timestamp()) * 1000)::bigint` : sql`${now()}::bigint`;
  return {
    enqueue: async (jobs) => {
      jobs.forEach(checkJob);
      return inBatches(jobs, (batch) => enqueueStatement(sql, clock(), batch));
    },
    claim: ({ count, leaseMs }) =>
      reached(() => claimStatement(sql, clock(), { count: Math.min(count, JOB_LIMITS.claimMax), leaseMs })),
    end: (ended) => inBatches(ended, (batch) => endStatement(sql, clock(), batch)),
    extend: (leases, leaseMs) =>
      inBatches(leases, async (batch) => {
        const rows = await sql<{ id: string; token: string }[]>`
          update fraiseql.jobs set due_at = ${clock()} + ${leaseMs}::bigint
          from json_to_recordset(${JSON.stringify(batch)}::text::json) as told (id text, token text)
          where jobs.id = told.id and jobs.token = told.token
          returning jobs.id, jobs.token`;
        const held = new Set(rows.map(({ id, token }) => `${token} ${id}`));
        return batch.map(({ id, token }) => held.has(`${token} ${id}`));
      }),
    ...looks(sql, clock),
    abandoned: (limit) =>
      reached(async () => {
        const rows = await sql<JobRow[]>`
          select id, org, unique_key, not_before::float8, retry, timeout_ms, payload
          from fraiseql.jobs where abandoned order by ended limit ${limit}`;
        return rows.map(jobOf);
      }),
    takeAbandoned: (ids) =>
      reached(async () => {
        await sql`
          update fraiseql.jobs set abandoned = false, payload = null, retry = null
          where abandoned and id = any(${[...ids]}::text[])`;
      }),
    clear: () =>
      reached(async () => {
        await sql`
          with gone as (delete from fraiseql.jobs) delete from fraiseql.job_turns`;
      }),
    close: async () => {},
  };
}

function looks(sql: Sql, clock: () => Fragment): Pick<JobQueue, "cancel" | "state" | "trial" | "counts" | "nextDue"> {
  return {
    cancel: (id) =>
      reached(async () => {
        const [row] = await sql<{ cancelled: boolean }[]>`
          with gone as (
            update fraiseql.jobs set state = 'cancelled', ended = nextval('fraiseql.job_endings'), payload = null, retry = null
            where id = ${id} and state in ('available', 'scheduled', 'retryable') returning 1
          )
          select exists (select from gone)
            or exists (select from fraiseql.jobs where id = ${id} and state = 'cancelled') as cancelled`;
        return row?.cancelled === true;
      }),
    state: (id) =>
      reached(async () => {
        const [row] = await sql<{ state: JobState }[]>`select state from fraiseql.jobs where id = ${id}`;
        return row?.state;
      }),
    // Where everything is read-only that is refused too.
    trial: () =>
      reached(async () => {
        await sql`delete from fraiseql.jobs where false`;
      }),
    counts: () =>
      reached(async () => {
        const rows = await sql<{ state: JobState; count: number }[]>`
          select state, count(*)::int as count from fraiseql.jobs group by state`;
        const none = Object.fromEntries(JOB_STATES.map((state) => [state, 0])) as Record<JobState, number>;
        return { ...none, ...Object.fromEntries(rows.map(({ state, count }) => [state, count])) };
      }),
    nextDue: () =>
      reached(async () => {
        const [row] = await sql<{ due: number | null }[]>`
          select greatest(min(case when state = 'available' then 0 else due_at - ${clock()} end), 0)::float8 as due
          from (
            (select state, due_at from fraiseql.jobs where state = 'available' limit 1) union all
            (select state, due_at from fraiseql.jobs where state in ('running', 'scheduled', 'retryable')
             order by due_at limit 1)
          ) as next having count(*) > 0`;
        return row?.due ?? undefined;
      }),
  };
}

async function inBatches<In, Out>(all: readonly In[], step: (batch: readonly In[]) => Promise<readonly Out[]>) {
  const results: Out[] = [];
  for (let from = 0; from < all.length; from += BATCH_MAX) {
    results.push(...(await reached(() => step(all.slice(from, from + BATCH_MAX)))));
  }
  return results;
}

const CONFLICTS_MAX = 5;

/**
 * A statement that lost a conflict with another (a deadlock of one that wakes jobs with one that waits for their unique key)
 * has done nothing and is made again. A database that is away is a queue that is away; nothing is lost, since jobs are in the
 * ledger.
 */
async function reached<T>(step: () => Promise<T>): Promise<T> {
  for (let conflicts = 0; ; ) {
    try {
      return await asked(step);
    } catch (error) {
      if (!(error instanceof FraiseqlError)) throw error;
      conflicts += 1;
      if (isConflict(error.cause) && conflicts < CONFLICTS_MAX) continue;
      if (!["DATABASE_UNAVAILABLE", "STATEMENT_TIMEOUT"].includes(error.code)) throw error;
      const message = "The job queue's database is not reachable; try again shortly.";
      throw new FraiseqlError("QUEUE_UNAVAILABLE", message, { cause: error });
    }
  }
}

function isConflict(cause: unknown): boolean {
  return cause instanceof Error && "code" in cause && /^40[0-9A-Z]{3}$/.test(String(cause.code));
}
