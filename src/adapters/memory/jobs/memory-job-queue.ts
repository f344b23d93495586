/** The `JobQueue` port in memory: for simulations and for a single process whose jobs may go with it. */
import { checkJob, JOB_LIMITS } from "../../../core/jobs/check-job.ts";
import { JOB_STATES, type Job, type JobState } from "../../../core/jobs/job.ts";
import { type EndedState, isEnded } from "../../../core/jobs/job-moves.ts";
import type { ClaimedJob, EndedJob, JobCounts, JobOutcome, JobQueue } from "../../../ports/job-queue.ts";
import { createFairRing, type FairRing } from "./fair-ring.ts";

type Entry = {
  readonly job: Job;
  state: JobState;
  attempts: number;
  /** Of the claim it runs by; empty while it does not run. */
  token: string;
  /** By which its last attempt was ended. */
  endedToken: string;
  /** Of a running job the end of its lease, of a waiting one when it falls due. */
  at: number;
  /** Discarded since a worker was lost, and not yet taken. */
  abandoned: boolean;
};

type Shelf = {
  readonly entries: Map<string, Entry>;
  readonly unique: Map<string, string>;
  readonly ready: Map<string, string[]>;
  ring: FairRing;
  /** Ended jobs, oldest first. */
  readonly ended: string[];
  tokens: number;
};

export type MemoryJobQueueOptions = {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Ended jobs whose state is remembered; the oldest are forgotten first. */
  readonly endedMax?: number;
};

const OUTCOMES: Readonly<Record<JobOutcome["kind"], JobState>> = {
  complete: "completed",
  retry: "retryable",
  snooze: "scheduled",
  cancel: "cancelled",
  discard: "discarded",
};

export function createMemoryJobQueue({ now, endedMax = 100_000 }: MemoryJobQueueOptions): JobQueue {
  const shelf = emptyShelf();
  return {
    enqueue: async (jobs) => {
      jobs.forEach(checkJob);
      return jobs.filter((job) => enqueue(shelf, job, now())).map(({ id }) => id);
    },
    claim: async ({ count, leaseMs }) => {
      wakeUp(shelf, now(), endedMax);
      return claim(shelf, Math.min(count, JOB_LIMITS.claimMax), now() + leaseMs);
    },
    end: async (ended) => ended.map((one) => end(shelf, one, now(), endedMax)),
    extend: async (leases, leaseMs) =>
      leases.map(({ id, token }) => {
        const entry = held(shelf, id, token);
        if (entry) entry.at = now() + leaseMs;
        return entry !== undefined;
      }),
    cancel: async (id) => cancel(shelf, id, endedMax),
    state: async (id) => shelf.entries.get(id)?.state,
    trial: async () => {},
    counts: async () => counts(shelf),
    nextDue: async () => nextDue(shelf, now()),
    abandoned: async (limit) =>
      [...shelf.entries.values()]
        .filter(({ abandoned }) => abandoned)
        .slice(0, limit)
        .map(({ job }) => job),
    takeAbandoned: async (ids) => {
      for (const id of ids) {
        const entry = shelf.entries.get(id);
        if (entry) entry.abandoned = false;
      }
    },
    clear: async () => {
      Object.assign(shelf, emptyShelf(), { tokens: shelf.tokens });
    },
    close: async () => {},
  };
}

function emptyShelf(): Shelf {
  return { entries: new Map(), unique: new Map(), ready: new Map(), ring: createFairRing(), ended: [], tokens: 0 };
}

function enqueue(shelf: Shelf, job: Job, now: number): boolean {
  const unique = uniqueOf(job);
  if (shelf.entries.has(job.id) || (unique !== undefined && shelf.unique.has(unique))) return false;
  if (unique !== undefined) shelf.unique.set(unique, job.id);
  const due = job.notBefore ?? 0;
  const entry: Entry = { job, state: "scheduled", attempts: 0, token: "", endedToken: "", at: due, abandoned: false };
  shelf.entries.set(job.id, entry);
  if (due <= now) makeAvailable(shelf, entry);
  return true;
}

/** What is due becomes available; what was lost becomes available or, its attempts used up, is abandoned. */
function wakeUp(shelf: Shelf, now: number, endedMax: number): void {
  for (const entry of shelf.entries.values()) {
    if (entry.at > now) continue;
    if (entry.state === "scheduled" || entry.state === "retryable") makeAvailable(shelf, entry);
    if (entry.state !== "running") continue;
    entry.token = "";
    if (entry.attempts < entry.job.retry.attemptsMax) makeAvailable(shelf, entry);
    else {
      entry.abandoned = true;
      settle(shelf, entry, "discarded", endedMax);
    }
  }
}

function makeAvailable(shelf: Shelf, entry: Entry): void {
  entry.state = "available";
  const { org, id } = entry.job;
  const ids = shelf.ready.get(org) ?? [];
  shelf.ready.set(org, ids);
  ids.push(id);
  shelf.ring.enter(org);
}

function claim(shelf: Shelf, count: number, leasedUntil: number): ClaimedJob[] {
  const claimed: ClaimedJob[] = [];
  for (let org = shelf.ring.next(); org !== undefined && claimed.length < count; org = shelf.ring.next()) {
    const ids = shelf.ready.get(org) ?? [];
    const entry = shelf.entries.get(ids.shift() ?? "");
    shelf.ring.served(org, 1, ids.length > 0);
    if (ids.length === 0) shelf.ready.delete(org);
    if (!entry) continue;
    shelf.tokens += 1;
    Object.assign(entry, { state: "running", attempts: entry.attempts + 1, token: `${shelf.tokens}`, at: leasedUntil });
    claimed.push({ job: entry.job, attempt: entry.attempts, token: entry.token, leasedUntil });
  }
  return claimed;
}

function end(shelf: Shelf, { id, token, outcome }: EndedJob, now: number, endedMax: number): boolean {
  const entry = shelf.entries.get(id);
  // Said again after a lost answer: it was done the first time.
  if (entry && entry.endedToken === token) return true;
  if (!entry || entry.token !== token) return false;
  const state = OUTCOMES[outcome.kind];
  Object.assign(entry, { token: "", endedToken: token });
  if (isEnded(state)) settle(shelf, entry, state, endedMax);
  else {
    entry.state = state;
    entry.at = now + ("delayMs" in outcome ? outcome.delayMs : 0);
    if (outcome.kind === "snooze") entry.attempts -= 1;
  }
  return true;
}

function cancel(shelf: Shelf, id: string, endedMax: number): boolean {
  const entry = shelf.entries.get(id);
  if (!entry || entry.state === "running" || isEnded(entry.state)) return entry?.state === "cancelled";
  if (entry.state === "available") {
    const ids = (shelf.ready.get(entry.job.org) ?? []).filter((other) => other !== id);
    if (ids.length > 0) shelf.ready.set(entry.job.org, ids);
    else {
      shelf.ready.delete(entry.job.org);
      shelf.ring.leave(entry.job.org);
    }
  }
  settle(shelf, entry, "cancelled", endedMax);
  return true;
}

function settle(shelf: Shelf, entry: Entry, state: EndedState, endedMax: number): void {
  entry.state = state;
  const unique = uniqueOf(entry.job);
  if (unique !== undefined) shelf.unique.delete(unique);
  shelf.ended.push(entry.job.id);
  if (shelf.ended.length > endedMax) shelf.entries.delete(shelf.ended.shift() ?? "");
}

function held(shelf: Shelf, id: string, token: string): Entry | undefined {
  const entry = shelf.entries.get(id);
  return entry && entry.token === token ? entry : undefined;
}

function nextDue(shelf: Shelf, now: number): number | undefined {
  let least: number | undefined;
  for (const { state, at } of shelf.entries.values()) {
    if (isEnded(state)) continue;
    const due = state === "available" ? 0 : Math.max(0, at - now);
    least = least === undefined ? due : Math.min(least, due);
  }
  return least;
}

function counts(shelf: Shelf): JobCounts {
  const found = Object.fromEntries(JOB_STATES.map((state) => [state, 0])) as Record<JobState, number>;
  for (const { state } of shelf.entries.values()) found[state] += 1;
  return found;
}

function uniqueOf({ org, uniqueKey }: Job): string | undefined {
  return uniqueKey === undefined ? undefined : `${org}\0${uniqueKey}`;
}
