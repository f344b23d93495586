/** What was decided and what came of it. Kept in PostgreSQL: the truth that a queue can be rebuilt from. */
import type { Job } from "../core/jobs/job.ts";
import type { AttemptFacts } from "./action.ts";

export type Decided = {
  readonly eventId: string;
  /** Of the rule set that decided. */
  readonly rulesVersion: number;
  /** The rules that matched. Why another did not is worked out anew from the rule set of that version when it is asked. */
  readonly matched: readonly MatchedRule[];
  readonly deliveries: readonly NewDelivery[];
};

export type MatchedRule = { readonly name: string; readonly version: number };

export type NewDelivery = {
  readonly job: Job;
  readonly ruleName: string;
  readonly ruleVersion: number;
  readonly actionIndex: number;
  readonly actionKind: string;
};

export type DecidedEvent = {
  readonly rulesVersion: number;
  readonly matched: readonly MatchedRule[];
  /** RFC 3339, UTC. */
  readonly decidedAt: string;
};

/** `open` is whatever the queue makes of it until it ends. `discarded` is what is listed as dead letters. */
export type DeliveryState = "open" | "done" | "cancelled" | "discarded";

export type Attempt = {
  /** 1 for the first of the delivery, over all its rounds. */
  readonly attempt: number;
  /** RFC 3339, UTC. */
  readonly startedAt: string;
  readonly durationMs: number;
  /** `lost`: the worker was, and nobody knows how far the attempt came. */
  readonly outcome: "done" | "retryable" | "permanent" | "disabled" | "lost";
  readonly reason?: string;
  readonly facts: AttemptFacts;
  /** When the next attempt is due, RFC 3339; absent after the last one. */
  readonly nextAt?: string;
};

export type Delivery = {
  /** See core/jobs/job-id.ts. */
  readonly id: string;
  readonly state: DeliveryState;
  readonly eventId: string;
  readonly ruleName: string;
  readonly ruleVersion: number;
  readonly actionIndex: number;
  readonly actionKind: string;
  readonly org: string;
  /** 0 at first; each replay is one more. */
  readonly round: number;
  readonly attempts: number;
  readonly createdAt: string;
  readonly endedAt?: string;
  /** When the next attempt is due, as far as it has been put off. */
  readonly dueAt?: string;
  readonly lastError?: string;
};

/** What of a delivery is left to be done. */
export type OpenDelivery = {
  /** Attempts recorded so far, over all rounds: the next has a number one higher. */
  readonly attempts: number;
  /** Of those, the ones of the present round: they count against the retry policy. */
  readonly roundAttempts: number;
};

export type DeliveryFilter = {
  readonly ids?: readonly string[];
  readonly state?: DeliveryState;
  readonly org?: string;
  readonly ruleName?: string;
  readonly actionKind?: string;
  readonly eventId?: string;
  /** Part of the last error's text. */
  readonly error?: string;
};

export type DeliveryPage = {
  readonly limit: number;
  /** The id of the last delivery seen. */
  readonly after?: string;
};

export type EndedAttempt = {
  readonly jobId: string;
  readonly attempt: Attempt;
  /** Absent while the job goes on. */
  readonly ended?: Exclude<DeliveryState, "open">;
};

/** Every call may be repeated with the same arguments and has one effect. Rejects with the codes of `Database`. */
export interface Ledger {
  /**
   * Stores decisions and their deliveries in one transaction, and gives the open jobs of these events: what the queue must
   * have. An event that was decided before stays as it was decided, whatever the rules say now.
   */
  decide(decided: readonly Decided[]): Promise<readonly Job[]>;
  /** Of each job what is left to do; undefined for one that is ended, of an earlier round, or unknown: it must not be run. */
  open(jobIds: readonly string[]): Promise<readonly (OpenDelivery | undefined)[]>;
  recordAttempts(ended: readonly EndedAttempt[]): Promise<void>;
  /** The newest first. Rejects with NOT_FOUND where the page is to follow a delivery that is not known, or not any more. */
  deliveries(filter: DeliveryFilter, page: DeliveryPage): Promise<readonly Delivery[]>;
  delivery(id: string): Promise<{ readonly delivery: Delivery; readonly attempts: readonly Attempt[] } | undefined>;
  /** Opens discarded deliveries again, in a new round, and gives the jobs for the queue: the oldest first, after the one named. */
  replay(filter: DeliveryFilter, page: DeliveryPage): Promise<readonly Job[]>;
  /** Open and discarded deliveries that are given up: they become cancelled. Gives their job ids. */
  cancel(filter: DeliveryFilter, limit: number): Promise<readonly string[]>;
  /** Open jobs in the order they were made, a page at a time, with the time each is due: for a rebuild of the queue. */
  openJobs(page: {
    readonly after: string;
    readonly limit: number;
  }): Promise<{ readonly jobs: readonly Job[]; readonly after: string }>;
  decidedEvent(eventId: string): Promise<DecidedEvent | undefined>;
  counts(): Promise<Readonly<Record<DeliveryState, number>>>;
  /** Forgets what was ended before the time (milliseconds since 1970), dead letters excepted; at most `limit` rows of each kind. */
  prune(before: number, limit: number): Promise<number>;
}
