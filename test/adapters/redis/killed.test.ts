/** A Redis that is killed again and again while jobs are enqueued, run and ended. */
import { expect, test } from "bun:test";
import { createRedisJobQueue } from "../../../src/adapters/redis/jobs/redis-job-queue.ts";
import { openRedis } from "../../../src/adapters/redis/tcp/open-redis.ts";
import { FraiseqlError } from "../../../src/core/errors.ts";
import type { JobQueue } from "../../../src/ports/job-queue.ts";
import { endAll, ids, job } from "../../contract/job-queue-contract.ts";
import { REDIS_MISSING, startRedis } from "../../support/redis-server.ts";

const [JOBS, LANES, WORKERS, KILLS] = [1_500, 6, 3, 3];

test.skipIf(REDIS_MISSING !== undefined)(
  "kills lose no accepted job, and no ended one runs again",
  async () => {
    const server = await startRedis();
    const opened: JobQueue[] = [];
    const open = () => {
      const scripts = openRedis({
        url: server.url,
        connectTimeoutMs: 1_000,
        replyTimeoutMs: 1_000,
        allowUnsafe: false,
      });
      const queue = createRedisJobQueue({ scripts, name: "killed" });
      opened.push(queue);
      return queue;
    };
    const accepted = new Set<string>();
    const [ended, ranAfterTheEnd] = [new Set<string>(), [] as string[]];
    let back = Promise.resolve();
    /** As a flow does it: what is away is asked again when it is there. */
    const insist = async <T>(step: () => Promise<T>): Promise<T> => {
      for (let tries = 0; ; tries += 1) {
        try {
          return await step();
        } catch (error) {
          if (!(error instanceof FraiseqlError) || error.code !== "QUEUE_UNAVAILABLE" || tries === 100) throw error;
          await back;
        }
      }
    };
    let reached = Promise.withResolvers<void>();
    let next = 0;
    const producer = async () => {
      const queue = open();
      while (next < JOBS) {
        const id = `job-${next++}`;
        await insist(() => queue.enqueue([job(id, { org: `org-${next % 7}` })]));
        accepted.add(id);
        if (accepted.size % Math.floor(JOBS / (KILLS + 1)) === 0) reached.resolve();
      }
    };
    const worker = async () => {
      const queue = open();
      while (ended.size < JOBS) {
        // Short leases: what a lost answer took comes back while the test runs.
        const claimed = await insist(() => queue.claim({ count: 20, leaseMs: 300 }));
        ranAfterTheEnd.push(...ids(claimed).filter((id) => ended.has(id)));
        const held = await insist(() => endAll(queue, claimed, { kind: "complete" }));
        ids(claimed).forEach((id, n) => {
          if (held[n]) ended.add(id);
        });
      }
    };
    const killer = async () => {
      for (let kills = 0; kills < KILLS; kills += 1) {
        await reached.promise;
        reached = Promise.withResolvers();
        back = server.kill().then(server.restart);
        await back;
      }
    };
    try {
      const producers = Array.from({ length: LANES }, producer);
      await Promise.all([...producers, ...Array.from({ length: WORKERS }, worker), killer()]);
      expect(accepted.size).toBe(JOBS);
      expect(ended.size).toBe(JOBS);
      expect(ranAfterTheEnd).toEqual([]);
      expect(await open().counts()).toMatchObject({ completed: JOBS, running: 0, available: 0 });
    } finally {
      for (const queue of opened) await queue.close();
      await server.stop();
    }
  },
  60_000,
);
