/** Our queue, over TCP, with jobs of many orgs. */
import { createRedisJobQueue } from "../../src/adapters/redis/jobs/redis-job-queue.ts";
import { openRedis } from "../../src/adapters/redis/tcp/open-redis.ts";
import type { Job } from "../../src/core/jobs/job.ts";
import type { ClaimedJob, EndedJob, JobQueue } from "../../src/ports/job-queue.ts";
import { betweenMs, CONCURRENCY, type Contender, ORGS, PAYLOAD, pause } from "./contender.ts";

const retry = {
  attemptsMax: 8,
  backoff: { kind: "exponential", delayMs: 1_000, factor: 2, maxMs: 3_600_000 },
  jitter: 0.2,
} as const;

/** A worker without work asks again after this. */
const IDLE_MS = 4;

export type FraiseqlContender = Contender & { readonly queue: JobQueue };

export function openQueue(url: string): JobQueue {
  const scripts = openRedis({ url, connectTimeoutMs: 5_000, replyTimeoutMs: 30_000, allowUnsafe: false });
  return createRedisJobQueue({ scripts, name: "bench" });
}

export function fraiseqlJob(id: string, org: string): Job {
  return { id, org, retry, timeoutMs: 15_000, payload: JSON.stringify(PAYLOAD) };
}

export function fraiseql(url: string): FraiseqlContender {
  const queue = openQueue(url);
  const jobOf = (n: number) => fraiseqlJob(`job-${n}`, `org-${n % ORGS}`);
  return {
    name: "fraiseql",
    queue,
    enqueueOne: (n) => queue.enqueue([jobOf(n)]),
    enqueueMany: (from, to) => queue.enqueue(Array.from({ length: to - from }, (_, n) => jobOf(from + n))),
    process: (count) => processAll(queue, count),
    pickUps: (count) => pickUps(queue, count),
    clear: () => queue.clear(),
    close: () => queue.close(),
  };
}

/** As a job runner does it: what is free is claimed, what has been done is told, each in one call at a time. */
async function processAll(queue: JobQueue, count: number): Promise<number> {
  const start = performance.now();
  let [running, done] = [0, 0];
  let ended: EndedJob[] = [];
  const run = async ({ job: { id }, token }: ClaimedJob) => {
    await Promise.resolve();
    ended.push({ id, token, outcome: { kind: "complete" } });
  };
  const claim = async () => {
    const free = CONCURRENCY - running;
    if (free === 0) return;
    running += free;
    const claimed = await queue.claim({ count: free, leaseMs: 30_000 });
    running -= free - claimed.length;
    for (const job of claimed) void run(job);
  };
  const tell = async () => {
    const told = ended;
    ended = [];
    if (told.length === 0) return;
    done += (await queue.end(told)).filter((held) => held).length;
    running -= told.length;
  };
  while (done < count) await Promise.all([tell(), claim()]);
  return (performance.now() - start) / 1_000;
}

async function pickUps(queue: JobQueue, count: number): Promise<readonly number[]> {
  const times: number[] = [];
  let started = Promise.withResolvers<number>();
  let isDone = false;
  const worker = async () => {
    while (!isDone) {
      const claimed = await queue.claim({ count: CONCURRENCY, leaseMs: 30_000 });
      if (claimed.length === 0) await pause(IDLE_MS);
      else {
        started.resolve(performance.now());
        await queue.end(claimed.map(({ job: { id }, token }) => ({ id, token, outcome: { kind: "complete" } })));
      }
    }
  };
  const working = worker();
  for (let n = 0; n < count; n += 1) {
    await pause(betweenMs(n));
    started = Promise.withResolvers<number>();
    const asked = performance.now();
    await queue.enqueue([fraiseqlJob(`pick-${n}`, `org-${n % ORGS}`)]);
    times.push((await started.promise) - asked);
  }
  isDone = true;
  await working;
  return times;
}
