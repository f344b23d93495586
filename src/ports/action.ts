/** One kind of action: what a job does in the world. */
import type { ChangeEvent } from "../core/events/change-event.ts";
import type { JsonObject } from "../core/events/json.ts";
import type { TemplateTarget } from "../core/rules/templates/template.ts";

export type ActionInput = {
  /** The id of the job, the same at each attempt: the idempotency key for whoever receives it. */
  readonly id: string;
  readonly attempt: number;
  readonly event: ChangeEvent;
  readonly rule: { readonly name: string; readonly version: number };
  /**
   * Checked when the rule was saved, templates rendered since. Secrets are references in them, in places where no template
   * may stand: else a value of a row could name one.
   */
  readonly options: JsonObject;
  /** Of the span of this attempt. */
  readonly traceparent: string | null;
  /** Aborted when the time of the attempt is over or the worker stops. */
  readonly signal: AbortSignal;
};

/** What is known of an attempt; kept in the ledger, at most 2 kB of text each, secrets masked. */
export type AttemptFacts = {
  readonly request?: string;
  readonly status?: number;
  readonly response?: string;
  readonly error?: string;
};

export type ActionOutcome =
  | { readonly kind: "done"; readonly facts: AttemptFacts }
  /** Will never work: to the dead letters. */
  | { readonly kind: "permanent"; readonly reason: string; readonly facts: AttemptFacts }
  /** May work later; `retryAfterMs` where the receiver said when. */
  | {
      readonly kind: "retryable";
      readonly reason: string;
      readonly retryAfterMs?: number;
      readonly facts: AttemptFacts;
    }
  /** Not tried, since the receiver is known to be down: again after the pause, and no attempt is used up. */
  | { readonly kind: "deferred"; readonly reason: string; readonly retryAfterMs: number }
  /** The receiver wants no more of it (HTTP 410): the rule's action is to be disabled. */
  | { readonly kind: "disabled"; readonly reason: string; readonly facts: AttemptFacts };

export type ActionProblem = { readonly path: readonly (string | number)[]; readonly message: string };

export interface Action {
  /** `webhook`, `email`, … */
  readonly kind: string;
  /**
   * The options in which templates may stand, in all texts within, and what their values are escaped for. Options that are
   * not named are literal.
   */
  readonly templates: Readonly<Record<string, TemplateTarget>>;
  /** What is wrong with the options of a rule's action, templates apart; empty when nothing is. */
  check(options: JsonObject): readonly ActionProblem[];
  /**
   * What fails together, by the rendered options: one circuit breaker per org and endpoint. Absent, or undefined, for an
   * action that has none.
   */
  endpoint?(options: JsonObject): string | undefined;
  /** JSON Schema of the options, for the API's description. */
  readonly schema: Readonly<Record<string, unknown>>;
  /** Never says `done` for what was not sent. What it throws counts as retryable. */
  run(input: ActionInput): Promise<ActionOutcome>;
  close?(): Promise<void>;
}
