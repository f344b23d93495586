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

/** One job as the ledger knows it. `open` is whatever the queue makes of it until it ends. */
export type DeliveryState = "open" | "done" | "cancelled" | "discarded";

export type Attempt = {
  readonly attempt: number;
  /** RFC 3339, UTC. */
  readonly startedAt: string;
  readonly durationMs: number;
  readonly outcome: "done" | "retryable" | "permanent" | "disabled" | "lost";
  readonly reason?: string;
  readonly facts: AttemptFacts;
  /** When the next attempt is due, RFC 3339; absent after the last one. */
  readonly nextAt?: string;
};

export type Delivery = {
  readonly job: Job;
  readonly state: DeliveryState;
  readonly eventId: string;
  readonly ruleName: string;
  readonly ruleVersion: number;
  readonly actionIndex: number;
  readonly actionKind: string;
  readonly createdAt: string;
  readonly endedAt?: string;
  readonly lastError?: string;
  /** 0 at first; each replay of a discarded job is one more round. */
  readonly round: number;
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
  /** The id of the last delivery seen; the newest come first. */
  readonly before?: string;
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
  /** Of each job the attempts recorded so far; undefined for one that is ended or unknown, which must not be run. */
  open(jobIds: readonly string[]): Promise<readonly (number | undefined)[]>;
  recordAttempts(ended: readonly EndedAttempt[]): Promise<void>;
  deliveries(filter: DeliveryFilter, page: DeliveryPage): Promise<readonly Delivery[]>;
  delivery(jobId: string): Promise<{ readonly delivery: Delivery; readonly attempts: readonly Attempt[] } | undefined>;
  /** Opens discarded deliveries again, in a new round under a new job id, and gives the jobs for the queue. */
  replay(filter: DeliveryFilter, limit: number): Promise<readonly Job[]>;
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
