/** Takes jobs from the queue and runs them, so many at a time, until it is told to stop. */
import type { ClaimedJob, EndedJob, JobQueue } from "../ports/job-queue.ts";
import type { EndedAttempt, Ledger } from "../ports/ledger.ts";
import { collected } from "./collected.ts";
import { type JobParts, type RunResult, runJob } from "./run-job.ts";

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
const ABANDONED_MAX = 100;
const PAUSE_AFTER_FAULT_MS = 500;

type Running = { readonly claimed: ClaimedJob; readonly lost: AbortController };
type Finished = { readonly running: Running; readonly result: RunResult };

export async function runJobs(parts: RunnerParts, options: RunnerOptions): Promise<void> {
  const { wait, observe } = parts;
  const { signal, concurrency } = options;
  const running = new Map<string, Running>();
  const finished = pipe<Finished>();
  const freed = bell();
  const over = new AbortController();
  const failed = (error: unknown) => observe({ kind: "part-failed", part: "job-runner", error });

  const begin = (claimed: ClaimedJob, open: { readonly attempts: number; readonly roundAttempts: number }) => {
    const mine: Running = { claimed, lost: new AbortController() };
    running.set(claimed.job.id, mine);
    runJob(parts, { claimed, open, signal: mine.lost.signal }).then(
      (result) => finished.put({ running: mine, result }),
      failed,
    );
  };
  const finishing = finish(parts, finished.items, (one) => {
    if (running.get(one.claimed.job.id) === one) running.delete(one.claimed.job.id);
    freed.ring();
  });
  const extending = extend(parts, options, running, over.signal);

  let idleMs = 1;
  while (!signal.aborted) {
    const free = concurrency - running.size;
    if (free === 0) {
      await freed.heard(signal);
      continue;
    }
    try {
      const taken = await take(parts, Math.min(free, concurrency), options.leaseMs, begin);
      idleMs = taken > 0 ? 1 : Math.min(idleMs * 2, IDLE_MS_MAX);
      if (taken > 0) continue;
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
  { queue, ledger }: RunnerParts,
  count: number,
  leaseMs: number,
  begin: (claimed: ClaimedJob, open: { readonly attempts: number; readonly roundAttempts: number }) => void,
): Promise<number> {
  const claimed = await queue.claim({ count, leaseMs });
  if (claimed.length === 0) return 0;
  const open = await ledger.open(claimed.map(({ job }) => job.id));
  const stale: EndedJob[] = [];
  claimed.forEach((one, at) => {
    const left = open[at];
    if (left) begin(one, left);
    else stale.push({ id: one.job.id, token: one.token, outcome: { kind: "cancel" } });
  });
  if (stale.length > 0) await queue.end(stale);
  return claimed.length;
}

/** The ledger first, then the queue: what dies between the two is found ended when the job is claimed again. */
async function finish(
  { ledger, queue, wait, observe }: RunnerParts,
  items: AsyncIterable<Finished>,
  ended: (running: Running) => void,
): Promise<void> {
  for await (const batch of collected(items, 256)) {
    const attempts = batch.flatMap(({ result }) => (result.attempt ? [result.attempt] : []));
    const jobs = batch.map(({ running: { claimed }, result }) => ({
      id: claimed.job.id,
      token: claimed.token,
      outcome: result.outcome,
    }));
    // A store that is away for long lets the leases run out, and then others run the jobs anew.
    for (let tries = 0; ; tries += 1) {
      try {
        await ledger.recordAttempts(attempts);
        await queue.end(jobs);
        break;
      } catch (error) {
        observe({ kind: "part-failed", part: "job-runner", error });
        if (tries >= 20) break;
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
  while (!signal.aborted) {
    await wait.wait(leaseMs / 3, signal);
    const all = [...running.values()].filter(({ lost }) => !lost.signal.aborted);
    if (signal.aborted || all.length === 0) continue;
    try {
      const leases = all.map(({ claimed }) => ({ id: claimed.job.id, token: claimed.token }));
      const held = await queue.extend(leases, leaseMs);
      all.forEach(({ lost }, at) => {
        if (held[at] === false) lost.abort(new Error("The lease of the job was lost."));
      });
    } catch (error) {
      observe({ kind: "part-failed", part: "job-runner", error });
    }
  }
}

/** Jobs whose last attempt was lost with its worker end in the ledger too. */
async function takeAbandoned({ queue, ledger, wait }: RunnerParts): Promise<void> {
  const jobs = await queue.abandoned(ABANDONED_MAX);
  if (jobs.length === 0) return;
  const open = await ledger.open(jobs.map(({ id }) => id));
  const ended = jobs.flatMap(({ id }, at): EndedAttempt[] => {
    const left = open[at];
    if (!left) return [];
    const reason = "The worker was lost at the last attempt.";
    const startedAt = new Date(wait.now()).toISOString();
    const attempt = {
      attempt: left.attempts + 1,
      startedAt,
      durationMs: 0,
      outcome: "lost",
      reason,
      facts: {},
    } as const;
    return [{ jobId: id, attempt, ended: "discarded" }];
  });
  await ledger.recordAttempts(ended);
  await queue.takeAbandoned(jobs.map(({ id }) => id));
}

async function idle({ queue, wait }: RunnerParts, { signal, arrivals }: RunnerOptions, most: number): Promise<void> {
  const due = await queue.nextDue();
  const pause = Math.min(most, due ?? most);
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
  freed: ReturnType<typeof bell>,
): Promise<void> {
  const late = new AbortController();
  const timer = new AbortController();
  wait.wait(drainMs, timer.signal).then(() => {
    if (timer.signal.aborted) return;
    for (const { lost } of running.values()) lost.abort(new Error("The worker stopped."));
    late.abort();
  });
  while (running.size > 0) await freed.heard(new AbortController().signal);
  timer.abort();
}

function bell() {
  let ring = () => {};
  return {
    ring: () => ring(),
    heard: (signal: AbortSignal) =>
      new Promise<void>((resolve) => {
        const done = () => {
          signal.removeEventListener("abort", done);
          resolve();
        };
        ring = done;
        signal.addEventListener("abort", done, { once: true });
        if (signal.aborted) done();
      }),
  };
}

/** What is put in comes out; bounded by whoever puts. */
function pipe<T>() {
  const waiting: T[] = [];
  let ended = false;
  let wake = () => {};
  async function* items(): AsyncGenerator<T> {
    for (;;) {
      const next = waiting.shift();
      if (next !== undefined) yield next;
      else if (ended) return;
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
  }
  return {
    put(item: T) {
      waiting.push(item);
      wake();
    },
    end() {
      ended = true;
      wake();
    },
    items: items(),
  };
}
