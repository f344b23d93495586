import type { Fragment, Sql } from "postgres";
import type { JobState } from "../../../core/jobs/job.ts";
import { isEnded } from "../../../core/jobs/job-moves.ts";
import type { EndedJob, JobOutcome } from "../../../ports/job-queue.ts";

/** Ended jobs that stay known. */
const ENDED_KEPT = 100_000;
/** Ended jobs, and orgs without a turn ahead, that one call forgets: more than it can add. */
const FORGET_MAX = 2_000;

const STATES: Readonly<Record<JobOutcome["kind"], JobState>> = {
  complete: "completed",
  retry: "retryable",
  snooze: "scheduled",
  cancel: "cancelled",
  discard: "discarded",
};

/** Of each, whether its token held when it was first told. */
export async function endStatement(sql: Sql, now: Fragment, ended: readonly EndedJob[]): Promise<readonly boolean[]> {
  const given = JSON.stringify(
    ended.map(({ id, token, outcome }) => ({
      id,
      token,
      state: STATES[outcome.kind],
      over: isEnded(STATES[outcome.kind]),
      delay: "delayMs" in outcome ? Math.max(0, Math.round(outcome.delayMs)) : 0,
      back: outcome.kind === "snooze" ? 1 : 0,
    })),
  );
  const rows = await sql<{ id: string; token: string }[]>`
    with told as materialized (
      select * from json_to_recordset(${given}::text::json)
        as one (id text, token text, state text, over boolean, delay bigint, back integer)
    ), done as (
      update fraiseql.jobs set state = told.state, token = null, ended_token = told.token,
        attempts = attempts - back, due_at = ${now} + delay,
        ended = case when over then nextval('fraiseql.job_endings') end,
        payload = case when over then null else payload end, retry = case when over then null else retry end
      from told where jobs.id = told.id and jobs.token = told.token
      returning jobs.id, ended_token as token
    ), forgotten as (
      delete from fraiseql.jobs where id in (
        select id from fraiseql.jobs
        where ended <= (select last_value from fraiseql.job_endings) - ${ENDED_KEPT} and ended is not null and not abandoned
        order by ended limit ${FORGET_MAX} for update skip locked)
    ), idle as (
      delete from fraiseql.job_turns where org in (
        select org from fraiseql.job_turns
        where next <= (select turn from fraiseql.job_present) limit ${FORGET_MAX} for update skip locked)
    )
    select id, token from done
    union all select told.id, told.token from told join fraiseql.jobs on jobs.id = told.id and jobs.ended_token = told.token`;
  const held = new Set(rows.map(({ id, token }) => `${token} ${id}`));
  return ended.map(({ id, token }) => held.has(`${token} ${id}`));
}
