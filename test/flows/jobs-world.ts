/** A job runner over a real ledger and a real queue, with an action that does what the test says. */
import { openJobQueue } from "../../src/adapters/postgres/jobs/job-queue.ts";
import { openLedger } from "../../src/adapters/postgres/ledger/ledger.ts";
import { realWait } from "../../src/adapters/timers/wait.ts";
import { writeExactJson } from "../../src/core/events/exact-json.ts";
import type { JsonObject } from "../../src/core/events/json.ts";
import type { RetryPolicy } from "../../src/core/jobs/job.ts";
import { deliveryId } from "../../src/core/jobs/job-id.ts";
import type { Observation } from "../../src/core/observation.ts";
import { type RunnerOptions, type RunnerParts, runJobs } from "../../src/flows/jobs/run-jobs.ts";
import type { Action, ActionInput, ActionOutcome } from "../../src/ports/action.ts";
import type { NewDelivery } from "../../src/ports/ledger.ts";
import { CITY_EVENT } from "../support/change-event.ts";
import { migratedDatabase } from "../support/migrated.ts";

export type Doing = (input: ActionInput) => Promise<ActionOutcome> | ActionOutcome;
type Wanted = { readonly retry?: RetryPolicy; readonly timeoutMs?: number; readonly onFailure?: string };

const AT_ONCE: RetryPolicy = { attemptsMax: 3, backoff: { kind: "fixed", delayMs: 1 }, jitter: 0 };
export const DONE: ActionOutcome = { kind: "done", facts: {} };
export const FAILED: ActionOutcome = { kind: "retryable", reason: "not now", facts: { status: 503 } };

/** Jobs are put in by `add`, and `run` runs them until `stop`. */
export async function jobsWorld(name: string) {
  const database = await migratedDatabase(name);
  const [ledger, queue] = [openLedger(database.sql), openJobQueue(database.sql)];
  const inputs: ActionInput[] = [];
  const seen: Observation[] = [];
  const disabled: string[] = [];
  let doing: Doing = () => DONE;
  const action: Action = {
    kind: "do",
    templates: {},
    schema: {},
    check: () => [],
    run: async (input) => {
      inputs.push(input);
      return doing(input);
    },
  };
  const parts: RunnerParts = {
    actions: new Map([["do", action]]),
    disableRule: async ({ name, version }) => void disabled.push(`${name}@${version}`),
    outbox: { event: async () => undefined },
    wait: realWait,
    observe: (one) => void seen.push(one),
    queue,
    ledger,
  };
  const deliveryOf = (event: string, { retry = AT_ONCE, timeoutMs = 5_000, onFailure = "dead-letter" }: Wanted) => {
    const place = { eventId: event, ruleName: "rule", ruleVersion: 1, actionIndex: 0 };
    const id = deliveryId(place);
    const payload = {
      deliveryId: id,
      ruleName: "rule",
      ruleVersion: 1,
      entity: "City",
      action: { kind: "do", options: {} },
      onFailure,
      event: writeExactJson(CITY_EVENT as unknown as JsonObject),
      traceparent: CITY_EVENT.traceparent,
      occurredAt: CITY_EVENT.occurredAt,
    };
    const job = { id, org: "acme", retry, timeoutMs, payload: JSON.stringify(payload) };
    return { job, ruleName: "rule", ruleVersion: 1, actionIndex: 0, actionKind: "do" } satisfies NewDelivery;
  };
  return {
    ...{ database, ledger, queue, inputs, seen, disabled, parts },
    doing: (next: Doing) => {
      doing = next;
    },
    /** Decides on these events, and puts the jobs into the queue. Gives their ids. */
    async add(events: readonly string[], wanted: Wanted = {}) {
      const deliveries = events.map((event) => deliveryOf(event, wanted));
      const matched = [{ name: "rule", version: 1 }];
      const jobs = await ledger.decide(
        deliveries.map((one, at) => ({ eventId: events[at] ?? "", rulesVersion: 1, matched, deliveries: [one] })),
      );
      await queue.enqueue(jobs);
      return jobs.map(({ id }) => id);
    },
    run(options: Partial<RunnerOptions> = {}, changed: Partial<RunnerParts> = {}) {
      const over = new AbortController();
      const all = { concurrency: 10, leaseMs: 10_000, drainMs: 5_000, signal: over.signal, ...options };
      const running = runJobs({ ...parts, ...changed }, all);
      return {
        running,
        async stop() {
          over.abort();
          await running;
        },
      };
    },
    stateOf: async (id: string) => (await ledger.delivery(id))?.delivery.state,
    attemptsOf: async (id: string) => (await ledger.delivery(id))?.attempts.map(({ outcome }) => outcome),
    /** Empties everything for the next test. */
    async clear() {
      await database.sql`truncate fraiseql.decided_events, fraiseql.deliveries, fraiseql.attempts`;
      await queue.clear();
      for (const list of [inputs, seen, disabled]) list.length = 0;
      doing = () => DONE;
    },
    async close() {
      await queue.close();
      await database.drop();
    },
  };
}

/** A promise and its end. */
export function promised<T = void>() {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
