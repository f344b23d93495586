/** One attempt of one job: what the action did, and what is to become of the job. */
import { decodeChangeEvent } from "../../core/events/decode-change-event.ts";
import { pauseAfter } from "../../core/jobs/backoff.ts";
import { boundedFacts } from "../../core/jobs/bounded-facts.ts";
import type { JobPayload } from "../../core/jobs/job.ts";
import type { Observation, Observe } from "../../core/observation.ts";
import { renderOptions } from "../../core/rules/templates/render-options.ts";
import { childOf } from "../../core/trace.ts";
import type { Action, ActionOutcome } from "../../ports/action.ts";
import type { ClaimedJob, JobOutcome } from "../../ports/job-queue.ts";
import type { EndedAttempt, OpenDelivery } from "../../ports/ledger.ts";
import type { Outbox } from "../../ports/outbox.ts";
import type { Wait } from "../../ports/wait.ts";

export type JobParts = {
  readonly actions: ReadonlyMap<string, Action>;
  /** Called when a job ends that its rule wants to be disabled for. */
  readonly disableRule: (rule: { readonly name: string; readonly version: number }, reason: string) => Promise<void>;
  /** Where the rows of events are that were too large to carry. */
  readonly outbox: Pick<Outbox, "event">;
  readonly wait: Wait;
  readonly observe: Observe;
};

export type RunOptions = {
  readonly claimed: ClaimedJob;
  readonly open: OpenDelivery;
  /** Aborted when the lease is lost or the worker has to stop. */
  readonly signal: AbortSignal;
};

export type RunResult = {
  readonly outcome: JobOutcome;
  /** Absent where nothing was attempted. */
  readonly attempt?: EndedAttempt;
};

/** How long an action may go on that was told to stop; then nobody waits for it any more. */
const STOP_MS = 1_000;

/** Never rejects: a fault of the action is an attempt that failed. */
export async function runJob(parts: JobParts, { claimed, open, signal }: RunOptions): Promise<RunResult> {
  const { job } = claimed;
  const startedAt = parts.wait.now();
  const payload = payloadOf(job.payload);
  if (payload === undefined) return unreadable(claimed, open, startedAt);
  const span = childOf(payload.traceparent, parts.wait.random);
  const outcome = kept(await perform(parts, { claimed, payload, attempt: open.attempts + 1, span, signal }));
  const endedAt = parts.wait.now();
  const concluded = { claimed, open, payload, outcome, startedAt, endedAt };
  // What was broken off says nothing about the receiver: it is made anew, by whoever has the job now, and does not count.
  const isBrokenOff = signal.aborted && outcome.kind === "retryable";
  const result = isBrokenOff ? ({ outcome: { kind: "snooze", delayMs: 0 } } as const) : conclude(parts, concluded);
  const ended = attemptEnded(result, { ...concluded, span });
  parts.observe(isBrokenOff ? { ...ended, outcome: "lost" } : ended);
  if (result.outcome.kind === "discard") {
    const reason = "reason" in outcome ? outcome.reason : "";
    await afterDiscard(parts, { jobId: job.id, payload, reason, disables: outcome.kind === "disabled" });
  }
  return result;
}

export type Discarded = {
  readonly jobId: string;
  readonly payload: JobPayload;
  readonly reason: string;
  /** Whatever the rule wants: the receiver has refused for good. */
  readonly disables: boolean;
};

/** Tells of a job that ends as a dead letter, and disables its rule where that is what the rule wants. */
export async function afterDiscard(
  { observe, disableRule }: Pick<JobParts, "observe" | "disableRule">,
  { jobId, payload, reason, disables }: Discarded,
): Promise<void> {
  const { ruleName: name, ruleVersion: version, onFailure } = payload;
  observe({ kind: "job-discarded", jobId, rule: name, reason });
  if (!disables && onFailure !== "disable-rule") return;
  await disableRule({ name, version }, reason).catch((error) => observe({ kind: "part-failed", part: "rules", error }));
}

type Attempted = {
  readonly claimed: ClaimedJob;
  readonly payload: JobPayload;
  readonly attempt: number;
  readonly span: string | null;
  readonly signal: AbortSignal;
};

async function perform(
  parts: JobParts,
  { claimed, payload, attempt, span, signal }: Attempted,
): Promise<ActionOutcome> {
  const { kind, options } = payload.action;
  const action = parts.actions.get(kind);
  if (action === undefined)
    return { kind: "permanent", reason: `There is no action ${kind} in this worker.`, facts: {} };
  const late = new AbortController();
  const timer = new AbortController();
  const leave = () => late.abort(signal.reason);
  signal.addEventListener("abort", leave, { once: true });
  if (signal.aborted) leave();
  parts.wait.wait(claimed.job.timeoutMs, timer.signal).then(() => {
    if (!timer.signal.aborted) late.abort(new Error(`The attempt took longer than ${claimed.job.timeoutMs} ms.`));
  });
  const work = async () => {
    const carried = decodeChangeEvent(payload.event);
    const event = carried.spilled ? ((await parts.outbox.event(carried.id)) ?? carried) : carried;
    const rule = { name: payload.ruleName, version: payload.ruleVersion };
    const rendered = renderOptions(options, action.templates, {
      event,
      entity: payload.entity,
      ruleName: rule.name,
      now: event.occurredAt,
    });
    const input = {
      id: payload.deliveryId,
      attempt,
      event,
      rule,
      options: rendered,
      traceparent: span,
      signal: late.signal,
    };
    return action.run(input);
  };
  try {
    return await Promise.race([work(), stoppedLate(parts.wait, late.signal, timer.signal)]);
  } catch (error) {
    const reason =
      late.signal.aborted && late.signal.reason instanceof Error ? late.signal.reason.message : messageOf(error);
    return { kind: "retryable", reason, facts: { error: reason } };
  } finally {
    timer.abort();
    signal.removeEventListener("abort", leave);
  }
}

/** Rejects a while after `late`: an action that does not listen holds nobody up. */
async function stoppedLate(wait: Wait, late: AbortSignal, over: AbortSignal): Promise<never> {
  await new Promise<void>((resolve) => {
    late.addEventListener("abort", () => resolve(), { once: true });
    if (late.aborted) resolve();
  });
  await wait.wait(STOP_MS, over);
  throw late.reason;
}

/** Undefined where this version of the program cannot read it. */
export function payloadOf(text: string): JobPayload | undefined {
  try {
    return JSON.parse(text) as JobPayload;
  } catch {
    return undefined;
  }
}

/** Of a later version of the program, or damaged: nobody here can run it. */
function unreadable({ job }: ClaimedJob, open: OpenDelivery, now: number): RunResult {
  const attempt = {
    attempt: open.attempts + 1,
    startedAt: new Date(now).toISOString(),
    durationMs: 0,
    outcome: "permanent",
    reason: "The payload of the job cannot be read.",
    facts: {},
  } as const;
  return { outcome: { kind: "discard" }, attempt: { jobId: job.id, attempt, ended: "discarded" } };
}

/** With texts that a ledger takes. */
function kept(outcome: ActionOutcome): ActionOutcome {
  return {
    ...boundedFacts(outcome),
    ...("facts" in outcome ? { facts: boundedFacts(outcome.facts) } : {}),
  } as ActionOutcome;
}

type Concluded = {
  readonly claimed: ClaimedJob;
  readonly open: OpenDelivery;
  readonly payload: JobPayload;
  readonly outcome: ActionOutcome;
  readonly startedAt: number;
  readonly endedAt: number;
};

function conclude(parts: JobParts, { claimed, open, outcome, startedAt, endedAt }: Concluded): RunResult {
  const { job } = claimed;
  if (outcome.kind === "deferred") return { outcome: { kind: "snooze", delayMs: outcome.retryAfterMs } };
  const attempt = {
    attempt: open.attempts + 1,
    startedAt: new Date(startedAt).toISOString(),
    durationMs: endedAt - startedAt,
    outcome: outcome.kind,
    ...("reason" in outcome ? { reason: outcome.reason } : {}),
    facts: outcome.facts,
  } as const;
  if (outcome.kind === "done") {
    return { outcome: { kind: "complete" }, attempt: { jobId: job.id, attempt, ended: "done" } };
  }
  const planned =
    outcome.kind === "retryable" ? pauseAfter(job.retry, open.roundAttempts + 1, parts.wait.random()) : undefined;
  if (outcome.kind === "retryable" && planned !== undefined) {
    const delayMs = Math.max(planned, outcome.retryAfterMs ?? 0);
    const nextAt = new Date(endedAt + delayMs).toISOString();
    return { outcome: { kind: "retry", delayMs }, attempt: { jobId: job.id, attempt: { ...attempt, nextAt } } };
  }
  return { outcome: { kind: "discard" }, attempt: { jobId: job.id, attempt, ended: "discarded" } };
}

function attemptEnded(
  result: RunResult,
  { claimed, open, payload, outcome, startedAt, endedAt, span }: Concluded & { readonly span: string | null },
): Extract<Observation, { readonly kind: "attempt-ended" }> {
  return {
    kind: "attempt-ended",
    jobId: claimed.job.id,
    org: claimed.job.org,
    rule: payload.ruleName,
    action: payload.action.kind,
    attempt: open.attempts + 1,
    outcome: outcome.kind,
    ...("reason" in outcome ? { reason: outcome.reason } : {}),
    startedAt,
    durationMs: endedAt - startedAt,
    traceparent: span,
    parent: payload.traceparent,
    ...(result.attempt?.ended === "done" && payload.occurredAt !== null
      ? { endToEndMs: endedAt - Date.parse(payload.occurredAt) }
      : {}),
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
