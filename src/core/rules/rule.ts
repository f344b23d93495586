/** A rule: for which changes of which entity, under which condition, what is to be done, and what if that fails. */
import * as z from "zod/mini";
import { CHANGE_OPERATIONS, type ChangeOperation } from "../events/change-event.ts";
import type { JsonObject } from "../events/json.ts";
import type { RetryPolicy } from "../jobs/job.ts";
import { RULE_LIMITS } from "../limits.ts";
import type { Condition } from "./conditions/condition.ts";
import type { Entity } from "./entities.ts";

const name = z.string().check(z.minLength(1), z.maxLength(RULE_LIMITS.nameMax));
const pauseMs = z.int().check(z.minimum(0), z.maximum(RULE_LIMITS.pauseMaxMs));

/** Pauses between attempts, milliseconds. */
const BACKOFF = z.discriminatedUnion(
  "kind",
  [
    z.strictObject({ kind: z.literal("fixed"), delayMs: pauseMs }),
    z.strictObject({ kind: z.literal("linear"), delayMs: pauseMs, maxMs: pauseMs }),
    z.strictObject({
      kind: z.literal("exponential"),
      delayMs: pauseMs,
      factor: z.number().check(z.minimum(1), z.maximum(100)),
      maxMs: pauseMs,
    }),
    z.strictObject({
      kind: z.literal("schedule"),
      delaysMs: z.array(pauseMs).check(z.minLength(1), z.maxLength(RULE_LIMITS.attemptsMax)),
    }),
  ],
  "expected one of the kinds fixed, linear, exponential and schedule",
);

/**
 * The schedule Svix publishes, of eight attempts within 28 hours.
 *
 * Source: https://docs.svix.com/retries
 */
export const DEFAULT_RETRY: RetryPolicy = {
  attemptsMax: 8,
  backoff: {
    kind: "schedule",
    delaysMs: [5_000, 300_000, 1_800_000, 7_200_000, 18_000_000, 36_000_000, 36_000_000],
  },
  jitter: 0.1,
};

const RETRY = z.strictObject({
  attemptsMax: z.int().check(z.minimum(1), z.maximum(RULE_LIMITS.attemptsMax)),
  backoff: BACKOFF,
  jitter: z._default(z.number().check(z.minimum(0), z.maximum(1)), DEFAULT_RETRY.jitter),
});

const ACTION = z.looseObject({ kind: name });

/**
 * The form of a rule, as files and the API give it. What it says is checked by `checkRule`.
 *
 * A rule with `priority` 10 comes before one with 5. `condition` is a text or the JSON form; absent, every change matches.
 */
export const RULE = z.strictObject({
  name: name.check(
    z.regex(/^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/, "expected lower case letters, digits, and - . _ between them"),
  ),
  entity: name,
  operations: z.array(z.enum(CHANGE_OPERATIONS)).check(z.minLength(1), z.maxLength(CHANGE_OPERATIONS.length)),
  condition: z.optional(
    z.union([z.string(), z.record(z.string(), z.unknown())], "expected a text or the JSON form of a condition"),
  ),
  actions: z.array(ACTION).check(z.minLength(1), z.maxLength(RULE_LIMITS.actionsMax)),
  priority: z._default(z.int().check(z.minimum(-1_000_000), z.maximum(1_000_000)), 0),
  enabled: z._default(z.boolean(), true),
  /** Only changes of this org; absent or null, of all. */
  org: z._default(z.nullable(z.string().check(z.minLength(1), z.maxLength(RULE_LIMITS.nameMax))), null),
  retry: z._default(RETRY, DEFAULT_RETRY as z.infer<typeof RETRY>),
  /** One attempt, milliseconds. */
  timeoutMs: z._default(z.int().check(z.minimum(1), z.maximum(RULE_LIMITS.attemptTimeoutMaxMs)), 15_000),
  /** What follows when no attempt is left: `disable-rule` also keeps the job among the dead letters. */
  onFailure: z._default(z.enum(["dead-letter", "disable-rule"]), "dead-letter"),
});

/** A rule as an author writes it: what has a default may be left out. */
export type RuleInputForm = z.input<typeof RULE>;

export type RuleAction = { readonly kind: string; readonly options: JsonObject };

/** A rule that was checked against the entities and the kinds of actions there are. */
export type Rule = {
  readonly name: string;
  readonly entity: Entity;
  readonly operations: readonly ChangeOperation[];
  readonly condition: Condition;
  /** The form its author wrote it in, and will see it in again. */
  readonly conditionForm: "text" | "json";
  readonly actions: readonly RuleAction[];
  readonly priority: number;
  readonly enabled: boolean;
  readonly org: string | null;
  readonly retry: RetryPolicy;
  readonly timeoutMs: number;
  readonly onFailure: "dead-letter" | "disable-rule";
};
