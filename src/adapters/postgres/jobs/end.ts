import type { Fragment, Sql } from "postgres";
import type { JobState } from "../../../core/jobs/job.ts";
import { isEnded } from "../../../core/jobs/job-moves.ts";
import type { EndedJob, JobOutcome } from "../../../ports/job-queue.ts";

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
  const rows = await sql<{ job: string; by_token: string }[]>`
    select job, by_token from fraiseql.end_jobs(${given}::text::json, ${now})`;
  const held = new Set(rows.map(({ job, by_token: token }) => `${token} ${job}`));
  return ended.map(({ id, token }) => held.has(`${token} ${id}`));
}
