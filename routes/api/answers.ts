/** What `/api` answers, as schemas: endpoints are held to them by their types, and the OpenAPI document is made from them. */
import * as z from "zod/mini";
import { CHANGE_OPERATIONS } from "../../src/core/events/change-event.ts";
import { JOB_STATES } from "../../src/core/jobs/job.ts";

const count = z.int().check(z.minimum(0));
/** Any JSON value. A number that a double cannot hold comes as a text of its digits. */
const jsonValue = z.unknown();
const jsonObject = z.record(z.string(), jsonValue);
/** RFC 3339, UTC. */
const TIMESTAMP = z.iso.datetime();

const STORED_RULE = z.strictObject({
  name: z.string(),
  /** 1 for the first; each change of the rule is one more. */
  version: count,
  /** As `PUT /api/rules/:name` takes it, with what it left out. */
  definition: jsonObject,
});

const CURRENT_RULE = z.extend(STORED_RULE, {
  /** Why it decides nothing: what it is about has changed since it was saved. Absent where it decides. */
  broken: z.optional(z.string()),
});

const RULE_SET = z.strictObject({ version: count, rules: z.array(CURRENT_RULE) });

const RULE_VERSION = z.extend(STORED_RULE, {
  changedAt: TIMESTAMP,
  changedBy: z.string(),
  /** The versions of the rule set that held it: from the first, to before the second; absent while it is current. */
  since: count,
  until: z.optional(count),
});

const RULE_HISTORY = z.strictObject({
  /** Absent where the rule was removed. */
  current: z.optional(RULE_VERSION),
  history: z.array(RULE_VERSION),
});

const RULE_DEFINITION = z.strictObject({ name: z.string(), definition: jsonObject });

const PLANNED_CHANGE = z.strictObject({
  /** Of a plan, the set it starts from; of a change, the set it made. */
  rulesVersion: count,
  plan: z.strictObject({
    added: z.array(RULE_DEFINITION),
    changed: z.array(
      z.extend(RULE_DEFINITION, {
        fields: z.array(z.strictObject({ field: z.string(), before: jsonValue, after: jsonValue })),
      }),
    ),
    removed: z.array(z.string()),
  }),
});

const REMOVED_RULE = z.strictObject({ removed: z.string() });

const RULE_TEST = z.strictObject({
  rule: z.string(),
  events: count,
  matched: count,
  outcomes: z.array(
    z.strictObject({
      eventId: z.string(),
      operation: z.enum(CHANGE_OPERATIONS),
      key: z.string(),
      matched: z.boolean(),
      /** Which clause said no, and the values it saw; absent where the rule matched. */
      reason: z.optional(z.string()),
    }),
  ),
});

export const DELIVERY_STATE = z.enum(["open", "done", "cancelled", "discarded"]);

const DELIVERY = z.strictObject({
  id: z.string(),
  state: DELIVERY_STATE,
  eventId: z.string(),
  ruleName: z.string(),
  ruleVersion: count,
  actionIndex: count,
  actionKind: z.string(),
  /** The empty text where there are no orgs. */
  org: z.string(),
  /** 0 at first; each replay is one more. */
  round: count,
  attempts: count,
  createdAt: TIMESTAMP,
  endedAt: z.optional(TIMESTAMP),
  dueAt: z.optional(TIMESTAMP),
  lastError: z.optional(z.string()),
});

const ATTEMPT = z.strictObject({
  attempt: count,
  startedAt: TIMESTAMP,
  durationMs: z.number().check(z.minimum(0)),
  outcome: z.enum(["done", "retryable", "permanent", "disabled", "lost"]),
  reason: z.optional(z.string()),
  facts: z.strictObject({
    request: z.optional(z.string()),
    status: z.optional(z.int()),
    response: z.optional(z.string()),
    error: z.optional(z.string()),
  }),
  /** Absent after the last attempt. */
  nextAt: z.optional(TIMESTAMP),
});

/** `next` is the `after` of the next page; absent on the last. */
const DELIVERY_PAGE = z.strictObject({ deliveries: z.array(DELIVERY), next: z.optional(z.string()) });
const SHOWN_DELIVERY = z.strictObject({ delivery: DELIVERY, attempts: z.array(ATTEMPT) });
const REPLAYED = z.strictObject({ replayed: z.array(z.string()) });
const CANCELLED = z.strictObject({ cancelled: z.array(z.string()) });

const CHANGE_EVENT = z.strictObject({
  id: z.string(),
  position: count,
  /** `schema.table`. */
  table: z.string(),
  operation: z.enum(CHANGE_OPERATIONS),
  /** The values of the primary key as a JSON array's text. */
  key: z.string(),
  before: z.nullable(jsonObject),
  after: z.nullable(jsonObject),
  spilled: z.boolean(),
  occurredAt: TIMESTAMP,
  org: z.nullable(z.string()),
  actor: z.nullable(z.string()),
  traceparent: z.nullable(z.string()),
  cause: z.nullable(z.string()),
});

const EVENT_LIST = z.strictObject({ events: z.array(CHANGE_EVENT) });

const PUBLICATION = z.strictObject({
  /** Absent until the rules have decided. */
  decided: z.optional(z.strictObject({ at: TIMESTAMP, rulesVersion: count })),
  decisions: z.array(
    z.strictObject({ rule: z.string(), version: count, matched: z.boolean(), reason: z.optional(z.string()) }),
  ),
  deliveries: z.array(DELIVERY),
});

const SHOWN_EVENT = z.extend(PUBLICATION, {
  event: CHANGE_EVENT,
  replays: z.array(z.extend(PUBLICATION, { replay: count })),
});

const UNAVAILABLE = z.strictObject({ unavailable: z.string() });
const asked = <Part extends z.ZodMiniType>(part: Part) => z.union([part, UNAVAILABLE]);

const STATUS = z.strictObject({
  ready: z.boolean(),
  rules: asked(z.strictObject({ version: count })),
  outbox: asked(
    z.strictObject({
      newest: count,
      published: count,
      waiting: count,
      lagMs: z.number(),
      oldestWriter: z.nullable(
        z.strictObject({
          pid: z.nullable(z.int()),
          since: z.nullable(TIMESTAMP),
          ageMs: z.number(),
          query: z.string(),
        }),
      ),
    }),
  ),
  bus: asked(z.strictObject({ pending: count, shards: z.array(count) })),
  queue: asked(z.record(z.enum(JOB_STATES), count)),
  intake: asked(z.strictObject({ open: z.literal(true) })),
  deliveries: asked(z.record(DELIVERY_STATE, count)),
});

const BREAKER_LIST = z.strictObject({
  breakers: z.array(
    z.strictObject({
      org: z.string(),
      endpoint: z.string(),
      state: z.enum(["closed", "open", "half-open"]),
      failures: count,
      openings: count,
      /** Milliseconds since 1970, as is `changedAt`. */
      openUntil: z.optional(z.number()),
      reason: z.string(),
      changedAt: z.number(),
    }),
  ),
});

/** By the names they have among the components of the OpenAPI document. */
export const ANSWERS = {
  Attempt: ATTEMPT,
  BreakerList: BREAKER_LIST,
  Cancelled: CANCELLED,
  ChangeEvent: CHANGE_EVENT,
  CurrentRule: CURRENT_RULE,
  Delivery: DELIVERY,
  DeliveryPage: DELIVERY_PAGE,
  EventList: EVENT_LIST,
  PlannedChange: PLANNED_CHANGE,
  RemovedRule: REMOVED_RULE,
  Replayed: REPLAYED,
  RuleHistory: RULE_HISTORY,
  RuleSet: RULE_SET,
  RuleTest: RULE_TEST,
  RuleVersion: RULE_VERSION,
  ShownDelivery: SHOWN_DELIVERY,
  ShownEvent: SHOWN_EVENT,
  Status: STATUS,
  Timestamp: TIMESTAMP,
} as const satisfies Readonly<Record<string, z.ZodMiniType>>;

export type AnswerName = keyof typeof ANSWERS;
