/** What was decided and what came of it. Kept in PostgreSQL: the truth that a queue can be rebuilt from. */
import type { ChangeEvent } from "../core/events/change-event.ts";
import type { Decision } from "../core/events/decision.ts";
import type { Job } from "../core/jobs/job.ts";
import type { AttemptFacts } from "./action.ts";

export type Decided = {
  readonly event: ChangeEvent;
  readonly decisions: readonly Decision[];
  readonly jobs: readonly Job[];
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
  /** Stores decisions and their jobs in one transaction; what is known of an event already stays as it is. */
  decide(decided: readonly Decided[]): Promise<void>;
  /** Of each id, whether the job is still open: what is ended must not be run again. */
  open(jobIds: readonly string[]): Promise<readonly boolean[]>;
  recordAttempts(ended: readonly EndedAttempt[]): Promise<void>;
  deliveries(filter: DeliveryFilter, page: DeliveryPage): Promise<readonly Delivery[]>;
  delivery(jobId: string): Promise<{ readonly delivery: Delivery; readonly attempts: readonly Attempt[] } | undefined>;
  /** Opens discarded jobs again, in a new round with new job ids, and gives them for the queue. */
  replay(filter: DeliveryFilter, limit: number): Promise<readonly Job[]>;
  /** Open or discarded jobs that are to be forgotten as cancelled; gives their ids. */
  cancel(filter: DeliveryFilter, limit: number): Promise<readonly string[]>;
  /** All open jobs in the order they were made, a page at a time: for a rebuild. */
  openJobs(options: { readonly after?: string; readonly limit: number }): Promise<readonly Job[]>;
  decisions(eventId: string): Promise<readonly Decision[]>;
  counts(): Promise<Readonly<Record<DeliveryState, number>>>;
}
