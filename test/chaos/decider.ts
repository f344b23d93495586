/** A dispatcher of this process: a rule that matches every commit, decisions in the ledger of PostgreSQL, a queue that nobody works off. */
import type { Sql } from "postgres";
import { createLogAction } from "../../src/adapters/log/log-action.ts";
import { createMemoryJobQueue } from "../../src/adapters/memory/jobs/memory-job-queue.ts";
import { openLedger } from "../../src/adapters/postgres/ledger/ledger.ts";
import { openOutbox } from "../../src/adapters/postgres/outbox/outbox.ts";
import { realWait } from "../../src/adapters/timers/wait.ts";
import { SHARDS } from "../../src/core/events/subject.ts";
import type { Observation } from "../../src/core/observation.ts";
import { checkRule, type RuleScope } from "../../src/core/rules/check-rule.ts";
import { createRuleIndex } from "../../src/core/rules/rule-index.ts";
import { dispatchEvents } from "../../src/flows/events/dispatch-events.ts";
import type { EventBus } from "../../src/ports/event-bus.ts";

export type Decider = {
  /** Resolves when an event is decided that was not decided before. */
  next(): Promise<void>;
  stop(): Promise<void>;
};

const field = (name: string) => [name, { name, type: { kind: "integer" }, nullable: false }] as const;
const SCOPE: RuleScope = {
  entities: new Map([
    ["Account", { name: "Account", table: "public.accounts", fields: new Map([field("id"), field("version")]) }],
  ]),
  actions: new Map([["log", createLogAction({ write: () => {}, now: Date.now })]]),
};
const RULE = {
  name: "every-commit",
  entity: "Account",
  operations: ["update"],
  condition: "new.version > old.version",
  actions: [{ kind: "log", message: "{{ new.id }}" }],
};

export function startDecider(sql: Sql, bus: EventBus): Decider {
  const checked = checkRule(RULE, SCOPE);
  if (!("rule" in checked)) throw new Error(JSON.stringify(checked.problems));
  const index = createRuleIndex([{ rule: checked.rule, version: 1 }], 1);
  const decided = new Set<string>();
  let next = Promise.withResolvers<void>();
  const observe = (seen: Observation) => {
    if (seen.kind !== "event-decided" || decided.has(seen.eventId)) return;
    decided.add(seen.eventId);
    next.resolve();
    next = Promise.withResolvers();
  };
  const parts = {
    ...{ bus, observe, wait: realWait, ledger: openLedger(sql), outbox: openOutbox(sql) },
    rules: { current: () => index, follow: () => Promise.resolve() },
    queue: createMemoryJobQueue({ now: Date.now }),
  };
  const over = new AbortController();
  const shards = Array.from({ length: SHARDS }, (_, shard) => dispatchEvents(parts, shard, over.signal));
  return {
    next: () => next.promise,
    stop: async () => {
      over.abort();
      await Promise.all(shards);
    },
  };
}

export type Decisions = { readonly missing: number; readonly twice: number };

/** Each commit made the version of its row larger by one, and each decision holds the row as it was then. */
export async function decisions(sql: Sql): Promise<Decisions> {
  const [counted] = await sql<Decisions[]>`
    with decided as (
      select (after ->> 'id')::integer as id, count(*) as times, count(distinct after ->> 'version') as versions
      from fraiseql.decided_events join fraiseql.deliveries using (event_id)
      cross join lateral (select (((job ->> 'payload')::jsonb ->> 'event')::jsonb -> 'after') as after) as event
      group by 1
    )
    select sum(version - coalesce(versions, 0))::integer as missing, coalesce(sum(times - versions), 0)::integer as twice
    from accounts left join decided using (id)`;
  return counted as Decisions;
}
