/** What Redis keeps of ended jobs is bounded. */
import { expect, test } from "bun:test";
import { createRedisJobQueue } from "../../../src/adapters/redis/jobs/redis-job-queue.ts";
import { openRedis } from "../../../src/adapters/redis/tcp/open-redis.ts";
import { endAll, many } from "../../contract/job-queue-contract.ts";
import { REDIS_MISSING, startRedis } from "../../support/redis-server.ts";

/** As if 99,999 jobs had been completed. */
const FILL = {
  name: "fill",
  text: `for n = 1, 99999 do
    redis.call('HSET', KEYS[1] .. 'e', 'old-' .. n, 'ctoken')
    redis.call('RPUSH', KEYS[1] .. 'o', 'old-' .. n)
  end
  return redis.call('HSET', KEYS[1] .. 'n', 'c', 99999)`,
};

test.skipIf(REDIS_MISSING !== undefined)("of ended jobs the last 100,000 stay known", async () => {
  const server = await startRedis();
  const scripts = openRedis({ url: server.url, connectTimeoutMs: 2_000, replyTimeoutMs: 10_000, allowUnsafe: false });
  const queue = createRedisJobQueue({ scripts, name: "full" });
  try {
    await scripts.run(FILL, "{full}:", []);
    await queue.enqueue(many(3, "new", "org"));
    await endAll(queue, await queue.claim({ count: 3, leaseMs: 60_000 }), { kind: "complete" });
    expect(await queue.counts()).toMatchObject({ completed: 100_000 });
    const states = await Promise.all(["old-1", "old-2", "old-3", "new-2"].map((id) => queue.state(id)));
    expect(states).toEqual([undefined, undefined, "completed", "completed"]);
    expect(await queue.enqueue(many(1, "old-1", "org"))).toHaveLength(1);
  } finally {
    await queue.close();
    await server.stop();
  }
});
