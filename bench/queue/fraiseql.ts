/** Our queue, over TCP, with jobs of many orgs. */
import { createRedisJobQueue, jobsChannel } from "../../src/adapters/redis/jobs/redis-job-queue.ts";
import { listenTo } from "../../src/adapters/redis/tcp/listen-to.ts";
import { openRedis } from "../../src/adapters/redis/tcp/open-redis.ts";
import { arrivals } from "../../src/compose/arrivals.ts";
import type { Job } from "../../src/core/jobs/job.ts";
import type { ClaimedJob, EndedJob, JobQueue } from "../../src/ports/job-queue.ts";
import { CONCURRENCY, type Contender, ORGS, PAYLOAD } from "./contender.ts";
import { pickUps } from "./pick-ups.ts";

const retry = {
  attemptsMax: 8,
  backoff: { kind: "exponential", delayMs: 1_000, factor: 2, maxMs: 3_600_000 },
  jitter: 0.2,
} as const;

const WAY = { connectTimeoutMs: 5_000, replyTimeoutMs: 30_000, allowUnsafe: false } as const;
const NAME = "bench";

export type FraiseqlContender = Contender & { readonly queue: JobQueue };

export function openQueue(url: string): JobQueue {
  return createRedisJobQueue({ scripts: openRedis({ url, ...WAY }), name: NAME });
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
    pickUps: async (count) => {
      const arrived = arrivals();
      const stopListening = listenTo({ url, ...WAY }, jobsChannel(NAME), arrived.ring);
      return pickUps(queue, arrived, count).finally(stopListening);
    },
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
