import { realWait } from "../../src/adapters/timers/wait.ts";
import { writeExactJson } from "../../src/core/events/exact-json.ts";
import type { JsonObject } from "../../src/core/events/json.ts";
import type { Job, JobPayload } from "../../src/core/jobs/job.ts";
import { type RunnerOptions, type RunnerParts, runJobs } from "../../src/flows/jobs/run-jobs.ts";
import type { Action } from "../../src/ports/action.ts";
import type { JobQueue } from "../../src/ports/job-queue.ts";
import { CITY_EVENT } from "../../test/support/change-event.ts";
import { betweenMs, CONCURRENCY, ORGS, pause } from "./contender.ts";

/** Milliseconds from asking for a job until its action begins, with the job runner as workers run it, but for a ledger. */
export async function pickUps(
  queue: JobQueue,
  arrivals: NonNullable<RunnerOptions["arrivals"]>,
  count: number,
): Promise<readonly number[]> {
  let started = Promise.withResolvers<number>();
  const action: Action = {
    kind: "note",
    templates: {},
    schema: {},
    check: () => [],
    run: async () => {
      started.resolve(performance.now());
      return { kind: "done", facts: {} };
    },
  };
  const over = new AbortController();
  const running = runJobs(
    { ...NO_LEDGER, actions: new Map([["note", action]]), queue },
    { concurrency: CONCURRENCY, leaseMs: 30_000, drainMs: 5_000, signal: over.signal, arrivals },
  );
  const times: number[] = [];
  for (let n = 0; n < count; n += 1) {
    await pause(betweenMs(n));
    started = Promise.withResolvers<number>();
    const asked = performance.now();
    await queue.enqueue([noted(n)]);
    times.push((await started.promise) - asked);
  }
  over.abort();
  await running;
  return times;
}

/** What BullMQ does not have either: each job counts as open, and what came of it is kept nowhere but in the queue. */
const NO_LEDGER: Omit<RunnerParts, "queue" | "actions"> = {
  ledger: {
    open: async (ids) => ids.map(() => ({ attempts: 0, roundAttempts: 0 })),
    recordAttempts: async () => {},
  } as Partial<RunnerParts["ledger"]> as RunnerParts["ledger"],
  disableRule: async () => {},
  outbox: { event: async () => undefined },
  wait: realWait,
  observe: () => {},
};

function noted(n: number): Job {
  const payload: JobPayload = {
    deliveryId: `pick-${n}`,
    ruleName: "rule",
    ruleVersion: 1,
    entity: "City",
    action: { kind: "note", options: {} },
    onFailure: "dead-letter",
    event: writeExactJson(CITY_EVENT as unknown as JsonObject),
    traceparent: CITY_EVENT.traceparent,
    occurredAt: CITY_EVENT.occurredAt,
  };
  const retry = { attemptsMax: 1, backoff: { kind: "fixed", delayMs: 0 }, jitter: 0 } as const;
  return { id: `pick-${n}`, org: `org-${n % ORGS}`, retry, timeoutMs: 15_000, payload: JSON.stringify(payload) };
}
