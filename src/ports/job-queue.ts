/** An org-fair queue of jobs with leases. States and moves: docs/reference/jobs.md. */
import type { Job, JobState } from "../core/jobs/job.ts";

export type ClaimedJob = {
  readonly job: Job;
  /** 1 for the first. Attempts that ended by a lost lease count too. */
  readonly attempt: number;
  /** Fences: only who holds the newest token of a job may end or extend it. */
  readonly token: string;
  /** When the lease ends, milliseconds since 1970 by the queue's clock. */
  readonly leasedUntil: number;
};

export type ClaimOptions = {
  readonly count: number;
  readonly leaseMs: number;
};

/** How an attempt ended. Pauses are worked out by the caller (core/jobs/backoff.ts). */
export type JobOutcome =
  | { readonly kind: "complete" }
  /** Not this time: again after the pause; counts as an attempt. */
  | { readonly kind: "retry"; readonly delayMs: number }
  /** Not now: again after the pause; does not count. */
  | { readonly kind: "snooze"; readonly delayMs: number }
  | { readonly kind: "cancel" }
  /** Never again: to the dead letters. */
  | { readonly kind: "discard" };

export type EndedJob = { readonly id: string; readonly token: string; readonly outcome: JobOutcome };

export type JobCounts = Readonly<Record<JobState, number>>;

/**
 * Every call may be repeated after a lost answer, with the same arguments, and has one effect; only a claim made anew is
 * another claim (an adapter that repeats one by itself makes sure that it is the same), and what the lost one took comes
 * back when its leases end. Times are those of the queue's clock. Rejects with QUEUE_UNAVAILABLE.
 */
export interface JobQueue {
  /**
   * The ids that were new; known ones, and those whose unique key is taken, change nothing. Ended jobs stay known for a
   * while, at least the last 10,000 of them.
   */
  enqueue(jobs: readonly Job[]): Promise<readonly string[]>;
  /**
   * Fairly, org by org, jobs that are due. Jobs whose lease ran out are given again, to any worker; such whose attempts
   * are used up are discarded instead and told by `abandoned`.
   */
  claim(options: ClaimOptions): Promise<readonly ClaimedJob[]>;
  /** Of each, whether the token still held when this was first said; a late worker's word changes nothing. */
  end(ended: readonly EndedJob[]): Promise<readonly boolean[]>;
  /** Of each, whether the token still held. The lease ends `leaseMs` from now. */
  extend(
    leases: readonly { readonly id: string; readonly token: string }[],
    leaseMs: number,
  ): Promise<readonly boolean[]>;
  /** Whether the job is cancelled now. Waiting ones can be; the attempt of a running one ends as it ends. */
  cancel(id: string): Promise<boolean>;
  state(id: string): Promise<JobState | undefined>;
  /** Rejects, and says why, while the queue can be asked and no job would be taken. Leaves nothing behind. */
  trial(): Promise<void>;
  /** Of ended jobs those that are still known. */
  counts(): Promise<JobCounts>;
  /**
   * Milliseconds until the next job falls due: 0 now, undefined where there is none. A running job falls due when its
   * lease ends: nobody else would notice that its worker was lost.
   */
  nextDue(): Promise<number | undefined>;
  /** Jobs that were discarded because a worker was lost at their last attempt; each is told until it is taken. */
  abandoned(limit: number): Promise<readonly Job[]>;
  /** Takes them out of `abandoned`. */
  takeAbandoned(ids: readonly string[]): Promise<void>;
  /** Forgets everything: for a rebuild from the ledger. */
  clear(): Promise<void>;
  close(): Promise<void>;
}
