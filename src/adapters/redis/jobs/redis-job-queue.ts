/** The `JobQueue` port on Redis, however that is reached. */
import { checkJob, JOB_LIMITS } from "../../../core/jobs/check-job.ts";
import type { JobState } from "../../../core/jobs/job.ts";
import type { ClaimedJob, EndedJob, JobOutcome, JobQueue } from "../../../ports/job-queue.ts";
import type { RedisReply, RedisScript, RedisScripts } from "../redis-scripts.ts";
import { jobOf, recordOf } from "./job-record.ts";
import { repeated } from "./repeated.ts";
import { CLAIM } from "./scripts/claim.ts";
import { END } from "./scripts/end.ts";
import { ENQUEUE } from "./scripts/enqueue.ts";
import { CANCEL, EXTEND } from "./scripts/lease.ts";
import { ABANDONED, CLEAR, COUNTS, NEXT_DUE, STATE, TAKE_ABANDONED, TRIAL } from "./scripts/look.ts";

export type RedisJobQueueOptions = {
  readonly scripts: RedisScripts;
  /** Names the queue among others of the same Redis. */
  readonly name: string;
  /** A simulated clock, milliseconds since 1970; Redis's own when left out. */
  readonly now?: () => number;
};

/** Jobs of one script: nothing else runs in Redis meanwhile. */
const BATCH_MAX = 500;
/** Characters of the jobs of one call: Upstash takes requests of 1 MB from the smallest plans. */
const BATCH_TEXT_MAX = 500_000;

const CODES: Readonly<Record<JobOutcome["kind"], string>> = {
  complete: "c",
  retry: "r",
  snooze: "s",
  cancel: "x",
  discard: "d",
};

const prefixOf = (name: string) => `{${name}}:`;

/** Where the queue of that name says that it has jobs again. */
export const jobsChannel = (name: string): string => `${prefixOf(name)}new`;

/** `close` closes the way to Redis too. */
export function createRedisJobQueue({ scripts, name, now }: RedisJobQueueOptions): JobQueue {
  const prefix = prefixOf(name);
  const clock = () => (now === undefined ? "" : `${now()}`);
  const ask = (script: RedisScript, args: readonly string[]) =>
    repeated(() => scripts.run(script, prefix, [clock(), ...args]));
  return {
    enqueue: async (jobs) => {
      jobs.forEach(checkJob);
      const given = jobs.map((job) => [job.id, job.notBefore === undefined ? "" : `${job.notBefore}`, recordOf(job)]);
      const isNew = await flags(given, (args) => ask(ENQUEUE, args));
      return jobs.filter((_, n) => isNew[n]).map(({ id }) => id);
    },
    claim: async ({ count, leaseMs }) => {
      const args = [`${Math.min(count, JOB_LIMITS.claimMax)}`, `${leaseMs}`, newToken()] as const;
      const reply = await repeated((again) => scripts.run(CLAIM, prefix, [clock(), ...args, again ? "1" : ""]));
      return claimedJobs(reply, args[2]);
    },
    end: (ended) => flags(ended.map(endArguments), (args) => ask(END, args)),
    extend: (leases, leaseMs) =>
      flags(
        leases.map(({ id, token }) => [id, token]),
        (args) => ask(EXTEND, [`${leaseMs}`, ...args]),
      ),
    cancel: async (id) => (await ask(CANCEL, [id])) === 1,
    state: async (id) => ((await ask(STATE, [id])) ?? undefined) as JobState | undefined,
    trial: async () => {
      await ask(TRIAL, []);
    },
    counts: async () => {
      const numbers = ((await ask(COUNTS, [])) as RedisReply[]).map(Number);
      const [open = 0, running = 0, scheduled = 0, retryable = 0, completed = 0, cancelled = 0, discarded = 0] =
        numbers;
      const available = open - running - scheduled - retryable;
      return { available, running, completed, scheduled, retryable, cancelled, discarded };
    },
    nextDue: async () => ((await ask(NEXT_DUE, [])) ?? undefined) as number | undefined,
    abandoned: async (limit) => {
      const flat = (await ask(ABANDONED, [`${limit}`])) as string[];
      return flat.flatMap((id, n) => (n % 2 === 0 ? [jobOf(id, flat[n + 1] ?? "")] : []));
    },
    takeAbandoned: async (ids) => {
      await ask(TAKE_ABANDONED, ids);
    },
    clear: async () => {
      await ask(CLEAR, []);
    },
    close: () => scripts.close(),
  };
}

/** Tokens are compared with those of the same job alone: 72 bits are many more than are needed. */
function newToken(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(9));
  return btoa(String.fromCharCode(...bytes));
}

function endArguments({ id, token, outcome }: EndedJob): string[] {
  const pause = "delayMs" in outcome ? Math.max(0, Math.round(outcome.delayMs)) : 0;
  return [id, token, CODES[outcome.kind], `${pause}`];
}

/** Runs the script in calls of a bounded size; each answers with a text of `0` and `1`. */
async function flags(
  items: readonly (readonly string[])[],
  call: (args: readonly string[]) => Promise<RedisReply>,
): Promise<readonly boolean[]> {
  const answers: boolean[] = [];
  for (let from = 0; from < items.length; ) {
    const args: string[] = [];
    let [to, size] = [from, 0];
    while (to < items.length && to - from < BATCH_MAX && (to === from || size < BATCH_TEXT_MAX)) {
      for (const text of items[to] ?? []) {
        args.push(text);
        size += text.length;
      }
      to += 1;
    }
    for (const flag of (await call(args)) as string) answers.push(flag === "1");
    from = to;
  }
  return answers;
}

function claimedJobs(reply: RedisReply, token: string): ClaimedJob[] {
  const flat = reply as (string | number)[];
  const leasedUntil = Number(flat[0] ?? 0);
  const claimed: ClaimedJob[] = [];
  for (let n = 1; n < flat.length; n += 3) {
    const job = jobOf(flat[n] as string, flat[n + 2] as string);
    claimed.push({ job, attempt: Number(flat[n + 1]), token, leasedUntil });
  }
  return claimed;
}
