/** Everything the long-running flows tell of themselves. Adapters turn it into log lines, metrics and spans. */
export type Observation =
  | { readonly kind: "lease-taken"; readonly lease: string; readonly fence: number }
  | { readonly kind: "lease-lost"; readonly lease: string; readonly fence: number }
  | {
      readonly kind: "events-published";
      readonly count: number;
      /** Since the oldest of them was written, milliseconds. */
      readonly lagMs: number;
    }
  | {
      /** The relay waits for transactions that may still write between the events it has. */
      readonly kind: "relay-held";
      /** For how long it has waited. */
      readonly ageMs: number;
      /** As in `OpenTransaction` of `ports/outbox.ts`, of the oldest of those transactions. */
      readonly pid: number | null;
      readonly since: string | null;
      readonly query: string;
    }
  | { readonly kind: "bus-refilled"; readonly from: number; readonly to: number; readonly why: string }
  | {
      readonly kind: "event-decided";
      readonly eventId: string;
      readonly table: string;
      readonly matched: number;
      /** Since the row was written, milliseconds; absent for an event that was published again. */
      readonly lagMs?: number;
      /** The span of the decision, and the one that wrote the row; null where the writer named none. */
      readonly traceparent: string;
      readonly parent: string | null;
      readonly startedAt: number;
      readonly durationMs: number;
    }
  | { readonly kind: "event-refused"; readonly eventId: string; readonly reason: string }
  | { readonly kind: "rules-loaded"; readonly version: number; readonly count: number }
  | { readonly kind: "rule-broken"; readonly rule: string; readonly reason: string }
  | {
      readonly kind: "attempt-ended";
      readonly jobId: string;
      readonly org: string;
      readonly rule: string;
      readonly action: string;
      readonly attempt: number;
      readonly outcome: "done" | "retryable" | "permanent" | "disabled" | "deferred" | "lost";
      readonly reason?: string;
      readonly startedAt: number;
      readonly durationMs: number;
      /** The span of the attempt and its parent; null without a trace. */
      readonly traceparent: string | null;
      readonly parent: string | null;
      /** Since the event was written until the attempt ended, milliseconds; told for `done` alone, and not for one published again. */
      readonly endToEndMs?: number;
    }
  | { readonly kind: "job-discarded"; readonly jobId: string; readonly rule: string; readonly reason: string }
  | { readonly kind: "part-failed"; readonly part: string; readonly error: unknown };

export type Observe = (observation: Observation) => void;
