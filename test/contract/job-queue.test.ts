/** Every job queue keeps the promises of its port. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { createMemoryJobQueue } from "../../src/adapters/memory/jobs/memory-job-queue.ts";
import { openJobQueue } from "../../src/adapters/postgres/jobs/job-queue.ts";
import { createRedisJobQueue } from "../../src/adapters/redis/jobs/redis-job-queue.ts";
import { openRedis } from "../../src/adapters/redis/tcp/open-redis.ts";
import { openUpstash } from "../../src/adapters/redis/upstash/open-upstash.ts";
import type { JobQueue } from "../../src/ports/job-queue.ts";
import { GATEWAY_TOKEN, type ServedGateway, serveGateway } from "../support/gateway.ts";
import { type MigratedDatabase, migratedDatabase } from "../support/migrated.ts";
import { denoRun, printedBy } from "../support/probe.ts";
import { REDIS_MISSING, type RedisServer, startRedis } from "../support/redis-server.ts";
import { JOB_QUEUE_CONTRACT, type QueueWorld } from "./job-queue-contract.ts";

/** A queue of its own for each promise, under a clock of its own. */
type OpenWorld = (now: () => number) => Promise<() => JobQueue>;

function holds(name: string, openWorld: OpenWorld, missing?: string): void {
  describe.skipIf(missing !== undefined)(`JobQueue: ${name}${missing ? ` (skipped: ${missing})` : ""}`, () => {
    for (const [sentence, promise] of Object.entries(JOB_QUEUE_CONTRACT)) {
      test(sentence, async () => {
        let time = 1_800_000_000_000;
        const open = await openWorld(() => time);
        const opened: JobQueue[] = [];
        const world: QueueWorld = {
          open: () => {
            const queue = open();
            opened.push(queue);
            return queue;
          },
          advance: (milliseconds) => {
            time += milliseconds;
          },
          now: () => time,
        };
        try {
          await promise(world);
        } finally {
          for (const queue of opened) await queue.close();
        }
      }, 30_000);
    }
  });
}

holds("memory", async (now) => {
  const queue = createMemoryJobQueue({ now });
  return () => queue;
});

let database: MigratedDatabase;
let redis: RedisServer | undefined;
let gateway: ServedGateway | undefined;
beforeAll(async () => {
  database = await migratedDatabase("job_queue");
  if (REDIS_MISSING === undefined) redis = await startRedis();
  gateway = redis && serveGateway(redis.url);
});
afterAll(async () => {
  await database.drop();
  await gateway?.stop();
  await redis?.stop();
});

const REDIS = { connectTimeoutMs: 2_000, replyTimeoutMs: 5_000, allowUnsafe: false } as const;

holds("PostgreSQL", async (now) => {
  await openJobQueue(database.sql).clear();
  return () => openJobQueue(database.sql, { now });
});

holds(
  "Redis over TCP",
  async (now) => {
    const name = crypto.randomUUID();
    return () => createRedisJobQueue({ scripts: openRedis({ url: redis?.url ?? "", ...REDIS }), name, now });
  },
  REDIS_MISSING,
);

holds(
  "Redis over Upstash's REST",
  async (now) => {
    const name = crypto.randomUUID();
    const options = { url: gateway?.url ?? "", token: GATEWAY_TOKEN, timeoutMs: 5_000 };
    return () => createRedisJobQueue({ scripts: openUpstash(options), name, now });
  },
  REDIS_MISSING,
);

test.skipIf(REDIS_MISSING !== undefined)(
  "JobQueue: Redis over both ways, on Deno",
  async () => {
    const probe = join(import.meta.dir, "job-queue-probe.ts");
    const addresses = [redis?.url ?? "", gateway?.url ?? "", GATEWAY_TOKEN];
    const printed = await printedBy([...denoRun("--allow-net=127.0.0.1", "--allow-read"), probe, ...addresses]);
    expect(JSON.parse(printed)).toEqual({ kept: Object.keys(JOB_QUEUE_CONTRACT).length * 2, broken: [] });
  },
  60_000,
);

test("what the edge needs of it is made of Web APIs alone", async () => {
  const adapters = join(import.meta.dir, "..", "..", "src", "adapters", "redis");
  const { outputs, success } = await Bun.build({
    entrypoints: [join(adapters, "upstash", "open-upstash.ts"), join(adapters, "jobs", "redis-job-queue.ts")],
    // Nothing but what the bundle says itself.
    target: "browser",
    external: ["node:*", "bun", "net", "tls", "crypto", "fs"],
  });
  expect(success).toBe(true);
  for (const output of outputs) {
    const text = await output.text();
    expect(text).not.toMatch(/from\s*"(node:|bun|net|tls|crypto|fs)|require\(|\bBun\.|\bDeno\./);
  }
});
