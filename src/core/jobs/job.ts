/** A job is one action to be run for one event because one version of a rule decided so. */
import type { JsonObject } from "../events/json.ts";

/** The states of a job; docs/reference/jobs.md draws how one leads to another. */
export const JOB_STATES = [
  "available",
  "running",
  "completed",
  "scheduled",
  "retryable",
  "cancelled",
  "discarded",
] as const;
export type JobState = (typeof JOB_STATES)[number];

/** Pause before attempt n+1. All times in milliseconds. */
export type Backoff =
  | { readonly kind: "fixed"; readonly delayMs: number }
  | { readonly kind: "linear"; readonly delayMs: number; readonly maxMs: number }
  | { readonly kind: "exponential"; readonly delayMs: number; readonly factor: number; readonly maxMs: number }
  | { readonly kind: "schedule"; readonly delaysMs: readonly number[] };

export type RetryPolicy = {
  /** All attempts, the first included. */
  readonly attemptsMax: number;
  readonly backoff: Backoff;
  /** 0 to 1: the part of a pause that chance may take away. */
  readonly jitter: number;
};

export type Job = {
  /** Made by who asks for the job, from event, rule version and action: asking twice is asking once. */
  readonly id: string;
  /** Whose turn it is: orgs share workers fairly. The empty text where there are no orgs. */
  readonly org: string;
  /** Jobs of one org with an equal key are one while the first of them is not ended. */
  readonly uniqueKey?: string;
  /** Not to be run before, milliseconds since 1970. */
  readonly notBefore?: number;
  readonly retry: RetryPolicy;
  /** One attempt, at most. */
  readonly timeoutMs: number;
  /** What `run-job` needs. A text: the queue never looks into it. */
  readonly payload: string;
};

/** The payload of a job, before it is text. */
export type JobPayload = {
  /** See job-id.ts. */
  readonly deliveryId: string;
  readonly ruleName: string;
  readonly ruleVersion: number;
  /** The name of the entity, for templates. */
  readonly entity: string;
  readonly action: { readonly kind: string; readonly options: JsonObject };
  readonly onFailure: "dead-letter" | "disable-rule";
  /** JSON text of the change event. */
  readonly event: string;
  /** Of the event, once more: what every attempt is told with. */
  readonly traceparent: string | null;
  /** Null for an event that was published again: it did not wait since then. */
  readonly occurredAt: string | null;
};
