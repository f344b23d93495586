/** Runs the contract of job queues on Redis on another runtime; prints what broke, by way and sentence. */
import { createRedisJobQueue } from "../../src/adapters/redis/jobs/redis-job-queue.ts";
import type { RedisScripts } from "../../src/adapters/redis/redis-scripts.ts";
import { openRedis } from "../../src/adapters/redis/tcp/open-redis.ts";
import { openUpstash } from "../../src/adapters/redis/upstash/open-upstash.ts";
import { JOB_QUEUE_CONTRACT } from "./job-queue-contract.ts";

declare const Deno: { readonly args: readonly string[] };
const [redisUrl = "", restUrl = "", token = ""] = Deno.args;

const WAYS: Readonly<Record<string, () => RedisScripts>> = {
  tcp: () => openRedis({ url: redisUrl, connectTimeoutMs: 2_000, replyTimeoutMs: 5_000, allowUnsafe: false }),
  rest: () => openUpstash({ url: restUrl, token, timeoutMs: 5_000 }),
};

const broken: string[] = [];
let kept = 0;
for (const [way, open] of Object.entries(WAYS)) {
  const scripts = open();
  for (const [sentence, promise] of Object.entries(JOB_QUEUE_CONTRACT)) {
    let time = 1_800_000_000_000;
    const name = crypto.randomUUID();
    const world = {
      open: () => createRedisJobQueue({ scripts, name, now: () => time }),
      advance: (milliseconds: number) => {
        time += milliseconds;
      },
      now: () => time,
    };
    try {
      await promise(world);
      kept += 1;
    } catch (error) {
      broken.push(`${way}: ${sentence}: ${String(error)}`);
    }
  }
  await scripts.close();
}
console.log(JSON.stringify({ kept, broken }));
