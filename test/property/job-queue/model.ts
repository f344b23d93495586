/** What a job queue has to do, as plainly as it can be said: slow, exact, and written apart from every adapter. */
import { strict as assert } from "node:assert";
import { JOB_STATES, type Job, type JobState } from "../../../src/core/jobs/job.ts";
import { isEnded, JOB_MOVES } from "../../../src/core/jobs/job-moves.ts";
import type { ClaimedJob, JobOutcome } from "../../../src/ports/job-queue.ts";

type Known = {
  readonly job: Job;
  state: JobState;
  attempts: number;
  token: string | undefined;
  /** Of a running job the end of its lease. */
  at: number;
  abandoned: boolean;
};

const ENDS: Readonly<Record<JobOutcome["kind"], JobState>> = {
  complete: "completed",
  retry: "retryable",
  snooze: "scheduled",
  cancel: "cancelled",
  discard: "discarded",
};

export class QueueModel {
  readonly jobs = new Map<string, Known>();

  enqueue(jobs: readonly Job[], now: number): string[] {
    return jobs.flatMap((job) => {
      const taken = [...this.jobs.values()].some(
        (known) =>
          known.job.id === job.id ||
          (job.uniqueKey !== undefined &&
            !isEnded(known.state) &&
            known.job.org === job.org &&
            known.job.uniqueKey === job.uniqueKey),
      );
      if (taken) return [];
      const at = job.notBefore ?? 0;
      const state = at <= now ? "available" : "scheduled";
      this.#legal("new", state, "enqueue");
      this.jobs.set(job.id, { job, state, attempts: 0, token: undefined, at, abandoned: false });
      return [job.id];
    });
  }

  /** Holds a claim against what could be given: all of it was due, and if there was room, all that was due was given. */
  claimed(claimed: readonly ClaimedJob[], count: number, now: number, leaseMs: number): void {
    for (const known of this.jobs.values()) this.#wake(known, now);
    assert(claimed.length <= count, "more than was asked for");
    for (const { job, attempt, token, leasedUntil } of claimed) {
      const known = this.jobs.get(job.id);
      assert(known, `${job.id} was never enqueued`);
      assert.deepEqual(job, known.job);
      assert.equal(known.state, "available", `${job.id} was claimed as ${known.state}`);
      this.#move(known, "running", "claim");
      known.attempts += 1;
      assert.equal(attempt, known.attempts);
      assert(attempt <= job.retry.attemptsMax, `${job.id} is tried more often than it may be`);
      assert.equal(leasedUntil, now + leaseMs);
      Object.assign(known, { token, at: leasedUntil });
    }
    const left = [...this.jobs.values()].filter(({ state }) => state === "available");
    if (claimed.length < count)
      assert.deepEqual(
        left.map(({ job: { id } }) => id),
        [],
        "due and not given",
      );
  }

  end(id: string, token: string, outcome: JobOutcome, now: number): boolean {
    const known = this.jobs.get(id);
    if (known?.token !== token) return false;
    known.token = undefined;
    this.#move(known, ENDS[outcome.kind], outcome.kind);
    if ("delayMs" in outcome) known.at = now + outcome.delayMs;
    if (outcome.kind === "snooze") known.attempts -= 1;
    return true;
  }

  extend(id: string, token: string, until: number): boolean {
    const known = this.jobs.get(id);
    if (known?.token !== token) return false;
    known.at = until;
    return true;
  }

  cancel(id: string): boolean {
    const known = this.jobs.get(id);
    if (!known || known.state === "running" || isEnded(known.state)) return known?.state === "cancelled";
    this.#move(known, "cancelled", "cancel");
    return true;
  }

  counts(): Record<JobState, number> {
    const counts = Object.fromEntries(JOB_STATES.map((state) => [state, 0])) as Record<JobState, number>;
    for (const { state } of this.jobs.values()) counts[state] += 1;
    return counts;
  }

  nextDue(now: number): number | undefined {
    const open = [...this.jobs.values()].filter(({ state }) => !isEnded(state));
    const due = open.map(({ state, at }) => (state === "available" ? 0 : Math.max(0, at - now)));
    return due.length === 0 ? undefined : Math.min(...due);
  }

  abandoned(): string[] {
    return [...this.jobs.values()].filter(({ abandoned }) => abandoned).map(({ job: { id } }) => id);
  }

  #wake(known: Known, now: number): void {
    if (known.state === "available" || isEnded(known.state) || known.at > now) return;
    if (known.state !== "running") {
      this.#move(known, "available", "due");
      return;
    }
    known.token = undefined;
    known.abandoned = known.attempts >= known.job.retry.attemptsMax;
    this.#move(known, known.abandoned ? "discarded" : "available", "lease over");
  }

  #move(known: Known, to: JobState, by: string): void {
    this.#legal(known.state, to, by);
    known.state = to;
  }

  #legal(from: string, to: string, by: string): void {
    const move = JOB_MOVES.find((legal) => legal.from === from && legal.to === to && legal.by === by);
    assert(move, `no legal move: ${from} to ${to} by ${by}`);
  }
}
