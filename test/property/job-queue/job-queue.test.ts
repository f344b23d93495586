/**
 * Any sequence of outcomes, crashes and steps of the clock keeps every job in a legal state, and every job is run until it is
 * done or dead.
 */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { createMemoryJobQueue } from "../../../src/adapters/memory/jobs/memory-job-queue.ts";
import { openJobQueue } from "../../../src/adapters/postgres/jobs/job-queue.ts";
import { createRedisJobQueue } from "../../../src/adapters/redis/jobs/redis-job-queue.ts";
import { openRedis } from "../../../src/adapters/redis/tcp/open-redis.ts";
import { type MigratedDatabase, migratedDatabase } from "../../support/migrated.ts";
import { REDIS_MISSING, type RedisServer, startRedis } from "../../support/redis-server.ts";
import { type Clock, live } from "./run.ts";

const START = 1_800_000_000_000;

let database: MigratedDatabase;
let redis: RedisServer | undefined;
beforeAll(async () => {
  database = await migratedDatabase("job_property");
  if (REDIS_MISSING === undefined) redis = await startRedis();
});
afterAll(async () => {
  await database.drop();
  await redis?.stop();
});

test("in memory, 500 lives", async () => {
  for (let seed = 1; seed <= 500; seed += 1) {
    const clock: Clock = { now: START };
    await live(seed, [createMemoryJobQueue({ now: () => clock.now })], clock);
  }
}, 60_000);

test("on PostgreSQL, 20 lives", async () => {
  for (let seed = 1; seed <= 20; seed += 1) {
    const clock: Clock = { now: START };
    const open = () => openJobQueue(database.sql, { now: () => clock.now });
    await open().clear();
    await live(seed, [open(), open()], clock);
  }
}, 60_000);

test.skipIf(REDIS_MISSING !== undefined)(
  "on Redis, 60 lives",
  async () => {
    const url = redis?.url ?? "";
    const options = { url, connectTimeoutMs: 2_000, replyTimeoutMs: 5_000, allowUnsafe: false };
    const ways = [openRedis(options), openRedis(options)];
    for (let seed = 1; seed <= 60; seed += 1) {
      const clock: Clock = { now: START };
      const now = () => clock.now;
      const queues = ways.map((scripts) => createRedisJobQueue({ scripts, name: `life-${seed}`, now }));
      await live(seed, queues, clock);
    }
    await Promise.all(ways.map((way) => way.close()));
  },
  60_000,
);

test("a life under a broken queue is found out", async () => {
  const clock: Clock = { now: START };
  const queue = createMemoryJobQueue({ now: () => clock.now });
  // Gives a job for good as soon as it is claimed.
  const early = {
    ...queue,
    claim: async (options: { count: number; leaseMs: number }) => {
      const claimed = await queue.claim(options);
      await queue.end(claimed.map(({ job: { id }, token }) => ({ id, token, outcome: { kind: "complete" } })));
      return claimed;
    },
  };
  await expect(live(1, [early], clock)).rejects.toThrow(/^seed 1, after /);
});
