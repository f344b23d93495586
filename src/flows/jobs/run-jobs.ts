/** Takes jobs from the queue and runs them, so many at a time, until it is told to stop. */
import { JOB_LIMITS } from "../../core/jobs/check-job.ts";
import type { ClaimedJob, EndedJob, JobQueue } from "../../ports/job-queue.ts";
import type { Ledger, OpenDelivery } from "../../ports/ledger.ts";
import { pipe } from "../pipe.ts";
import { type Bell, bell } from "./bell.ts";
import { afterDiscard, type JobParts, payloadOf, type RunResult, runJob } from "./run-job.ts";

export type RunnerParts = JobParts & { readonly queue: JobQueue; readonly ledger: Ledger };

export type RunnerOptions = {
  readonly concurrency: number;
  readonly leaseMs: number;
  /** How long a stopping runner waits for the attempts it has begun. */
  readonly drainMs: number;
  /** Stops the claims; what runs is waited for. */
  readonly signal: AbortSignal;
  /** Wakes a runner that waits: there are new jobs. */
  readonly arrivals?: { wait(signal: AbortSignal): Promise<void> };
};

const IDLE_MS_MAX = 25;
/** Attempts that end within it are written down together: nobody waits for that but a runner that has its hands full. */
const FINISH_MS = 10;
const ABANDONED_MAX = 100;
const RECORDED_AT_ONCE_MAX = 256;
const PAUSE_AFTER_FAULT_MS = 500;
const STORE_TRIES_MAX = 20;
/** Whoever waits for a worker to stop does not wait for a store that is away. */
const STORE_TRIES_STOPPING_MAX = 5;

/** What is attempted or not yet recorded, by the attempts at the same time: a slow store ends up stopping the claims. */
const HELD_OF_CONCURRENCY = 2;

type Running = {
  /** As it was claimed last. */
  claimed: ClaimedJob;
  readonly lost: AbortController;
  /** Until then nobody else has the job, milliseconds since 1970. */
  sureUntil: number;
};
type Begin = (claimed: ClaimedJob, open: OpenDelivery, sureUntil: number) => void;
type Finished = { readonly running: Running; readonly result: RunResult };

/**
 * Claims and attempts jobs until the signal, then ends what it has begun. A store that is away is waited out; it never
 * rejects for one.
 */
export async function runJobs(parts: RunnerParts, options: RunnerOptions): Promise<void> {
  const { wait, observe } = parts;
  const { signal, concurrency } = options;
  const running = new Map<string, Running>();
  let attempting = 0;
  const finished = pipe<Finished>(RECORDED_AT_ONCE_MAX, () => wait.wait(FINISH_MS, signal));
  const freed = bell();
  const over = new AbortController();
  const failed = (error: unknown) => observe({ kind: "part-failed", part: "job-runner", error });

  const ended = (one: Running) => {
    if (running.get(one.claimed.job.id) === one) running.delete(one.claimed.job.id);
    freed.ring();
  };
  const begin: Begin = (claimed, open, sureUntil) => {
    const held = running.get(claimed.job.id);
    if (held !== undefined && !held.lost.signal.aborted) {
      // A queue that was made anew does not know of the attempt under way, and gives the job again.
      held.claimed = claimed;
      held.sureUntil = sureUntil;
      return;
    }
    const mine: Running = { claimed, lost: new AbortController(), sureUntil };
    running.set(claimed.job.id, mine);
    attempting += 1;
    const freeSlot = () => {
      attempting -= 1;
      freed.ring();
    };
    runJob(parts, { claimed, open, signal: mine.lost.signal })
      .then(
        (result) => finished.put({ running: mine, result }),
        (error) => {
          failed(error);
          ended(mine);
        },
      )
      .finally(freeSlot);
  };
  const finishing = finish(parts, options, finished.groups, ended);
  const extending = extend(parts, options, running, over.signal);

  // Who hears of new jobs need not look for them as often.
  const idleMsMin = options.arrivals === undefined ? 1 : IDLE_MS_MAX;
  let idleMs = idleMsMin;
  while (!signal.aborted) {
    const free = Math.min(concurrency - attempting, concurrency * HELD_OF_CONCURRENCY - running.size);
    if (free <= 0) {
      await freed.heard(signal);
      continue;
    }
    try {
      const count = Math.min(free, JOB_LIMITS.claimMax);
      const taken = await take(parts, count, options.leaseMs, begin);
      if (taken === count) continue;
      idleMs = taken > 0 ? idleMsMin : Math.min(idleMs * 2, IDLE_MS_MAX);
      await takeAbandoned(parts);
      await idle(parts, options, idleMs);
    } catch (error) {
      failed(error);
      await wait.wait(PAUSE_AFTER_FAULT_MS, signal);
    }
  }
  await drained(parts, options, running, freed);
  finished.end();
  await finishing;
  over.abort();
  await extending;
}

/** Claims, and holds each job against the ledger before it is run: a rebuilt queue may hold what is done. */
async function take(
  { queue, ledger, wait }: RunnerParts,
  count: number,
  leaseMs: number,
  begin: Begin,
): Promise<number> {
  const sureUntil = wait.now() + leaseMs;
  const claimed = await queue.claim({ count, leaseMs });
  if (claimed.length === 0) return 0;
  const open = await ledger.open(claimed.map(({ job }) => job.id)).catch(async (error) => {
    // Without the ledger none is begun. They go back at once, uncounted: a lease that runs out uses up an attempt.
    const outcome = { kind: "snooze", delayMs: PAUSE_AFTER_FAULT_MS } as const;
    await queue.end(claimed.map(({ job, token }) => ({ id: job.id, token, outcome }))).catch(() => undefined);
    throw error;
  });
  const stale: EndedJob[] = [];
  claimed.forEach((one, at) => {
    const left = open[at];
    if (left) begin(one, left, sureUntil);
    else stale.push({ id: one.job.id, token: one.token, outcome: { kind: "cancel" } });
  });
  if (stale.length > 0) await queue.end(stale);
  return claimed.length;
}

/** The ledger first, then the queue: what dies between the two is found ended when the job is claimed again. */
async function finish(
  { ledger, queue, wait, observe }: RunnerParts,
  { signal }: RunnerOptions,
  groups: AsyncIterable<readonly Finished[]>,
  ended: (running: Running) => void,
): Promise<void> {
  for await (const batch of groups) {
    const attempts = batch.flatMap(({ result }) => (result.attempt ? [result.attempt] : []));
    const jobs = () =>
      batch.map(({ running: { claimed: last }, result: { outcome } }) => ({
        id: last.job.id,
        token: last.token,
        outcome,
      }));
    // A store that is away for long lets the leases run out, and then others run the jobs anew.
    for (let tries = 0; ; tries += 1) {
      try {
        await ledger.recordAttempts(attempts);
        await queue.end(jobs());
        break;
      } catch (error) {
        observe({ kind: "part-failed", part: "job-runner", error });
        if (tries >= (signal.aborted ? STORE_TRIES_STOPPING_MAX : STORE_TRIES_MAX)) break;
        await wait.wait(Math.min(50 * 2 ** tries, 2_000));
      }
    }
    for (const { running } of batch) ended(running);
  }
}

/** Leases are renewed at a third of their time. Who has lost one stops at once: somebody else may be at it. */
async function extend(
  { queue, wait, observe }: RunnerParts,
  { leaseMs }: RunnerOptions,
  running: ReadonlyMap<string, Running>,
  signal: AbortSignal,
): Promise<void> {
  const failed = (error: unknown) => observe({ kind: "part-failed", part: "job-runner", error });
  for (let pause = leaseMs / 3; !signal.aborted; ) {
    await wait.wait(pause, signal);
    pause = leaseMs / 3;
    const all = [...running.values()].filter(({ lost }) => !lost.signal.aborted);
    if (signal.aborted || all.length === 0) continue;
    const askedAt = wait.now();
    const leases = all.map(({ claimed }) => ({ id: claimed.job.id, token: claimed.token }));
    const held = await Promise.race([queue.extend(leases, leaseMs).catch(failed), wait.wait(leaseMs / 3, signal)]);
    // A queue that does not answer keeps nobody else from a job whose lease is over.
    if (!held) pause = leaseMs / 30;
    all.forEach((one, at) => {
      // Claimed anew meanwhile, it has another lease than the one that was asked for.
      if (one.claimed.token !== leases[at]?.token) return;
      if (held?.[at]) one.sureUntil = askedAt + leaseMs;
      const isLost = held?.[at] === false || wait.now() >= one.sureUntil - leaseMs / 6;
      if (isLost && !signal.aborted) one.lost.abort(new Error("The lease of the job was lost."));
    });
  }
}

/** Jobs whose last attempt was lost with its worker end in the ledger too, and as their rule wants it. */
async function takeAbandoned(parts: RunnerParts): Promise<void> {
  const { queue, ledger, wait } = parts;
  const jobs = await queue.abandoned(ABANDONED_MAX);
  if (jobs.length === 0) return;
  const open = await ledger.open(jobs.map(({ id }) => id));
  const reason = "The worker was lost at the last attempt.";
  const startedAt = new Date(wait.now()).toISOString();
  const lost = { startedAt, durationMs: 0, outcome: "lost", reason, facts: {} } as const;
  const left = jobs.flatMap((job, at) => {
    const attempts = open[at]?.attempts;
    return attempts === undefined ? [] : [{ job, attempt: { ...lost, attempt: attempts + 1 } }];
  });
  for (const { job } of left) {
    const payload = payloadOf(job.payload);
    if (payload) await afterDiscard(parts, { jobId: job.id, payload, reason, disables: false });
  }
  await ledger.recordAttempts(left.map(({ job, attempt }) => ({ jobId: job.id, attempt, ended: "discarded" })));
  await queue.takeAbandoned(jobs.map(({ id }) => id));
}

async function idle({ queue, wait }: RunnerParts, { signal, arrivals }: RunnerOptions, most: number): Promise<void> {
  const due = await queue.nextDue();
  const pause = Math.max(1, Math.min(most, due ?? most));
  if (arrivals === undefined) return wait.wait(pause, signal);
  const woken = new AbortController();
  const leave = () => woken.abort();
  signal.addEventListener("abort", leave, { once: true });
  await Promise.race([wait.wait(pause, woken.signal), arrivals.wait(woken.signal)]);
  woken.abort();
  signal.removeEventListener("abort", leave);
}

async function drained(
  { wait }: RunnerParts,
  { drainMs }: RunnerOptions,
  running: ReadonlyMap<string, Running>,
  freed: Bell,
): Promise<void> {
  const timer = new AbortController();
  wait.wait(drainMs, timer.signal).then(() => {
    if (timer.signal.aborted) return;
    for (const { lost } of running.values()) lost.abort(new Error("The worker stopped."));
  });
  // Each ends: an action soon after it was told to, a store that is away after a number of tries.
  while (running.size > 0) await freed.heard(timer.signal);
  timer.abort();
}
