/** Where workers keep everything: in PostgreSQL alone, or with NATS and Redis where those are configured. */

import type { Sql } from "postgres";
import { openLeases } from "../adapters/postgres/leases/leases.ts";
import { openLedger } from "../adapters/postgres/ledger/ledger.ts";
import { openOutbox } from "../adapters/postgres/outbox/outbox.ts";
import { openRuleStore } from "../adapters/postgres/rules/rule-store.ts";
import { openWorkerSql } from "../adapters/postgres/worker/worker-sql.ts";
import { realWait } from "../adapters/timers/wait.ts";
import type { Config } from "../config/schema.ts";
import { FraiseqlError } from "../core/errors.ts";
import type { BreakerStore } from "../ports/breaker-store.ts";
import type { EventBus } from "../ports/event-bus.ts";
import type { JobQueue } from "../ports/job-queue.ts";
import type { Leases } from "../ports/leases.ts";
import type { Ledger } from "../ports/ledger.ts";
import type { Outbox } from "../ports/outbox.ts";
import type { RuleStore } from "../ports/rule-store.ts";
import { openBreakerStore } from "./breakers.ts";
import { openEventBus } from "./event-bus.ts";
import { stopInSteps } from "./stop-in-steps.ts";

const CLOSE_MS = 4_000;

export type WorkerStores = {
  readonly sql: Sql;
  readonly breakers: BreakerStore;
  readonly bus: EventBus;
  readonly ledger: Ledger;
  readonly leases: Leases;
  readonly outbox: Outbox;
  readonly queue: JobQueue;
  readonly rules: RuleStore;
  /** Calls back when jobs came to a queue that had none, as far as the queue tells; the function returned ends that. */
  listenToJobs(onJobs: () => void): Promise<() => void>;
  /** In bounded time. Gives `report` what failed or did not end. */
  close(report?: (error: Error) => void): Promise<void>;
};

/** Opens them; what cannot be reached yet is told by the first call that needs it. */
export async function openStores(
  config: Config,
  { name, connectionsMax }: { readonly name: string; readonly connectionsMax: number },
): Promise<WorkerStores> {
  const { database } = config;
  const sql = openWorkerSql({
    url: database.ownerUrl ?? database.url,
    connectionsMax,
    connectTimeoutMs: database.connectTimeoutMs,
    name,
  });
  const [bus, queue] = await Promise.all([openEventBus(config, sql), openQueue(config, sql)]);
  const { url, name: installation, connectTimeoutMs, replyTimeoutMs, allowUnsafe } = config.redis;
  const redis = url === undefined ? undefined : { url, connectTimeoutMs, replyTimeoutMs, allowUnsafe };
  const named = redis && { redis: { ...redis, name: installation } };
  const breakers = openBreakerStore({ config: config.breakers, sql, ...named });
  return {
    sql,
    breakers,
    bus,
    queue,
    ledger: openLedger(sql),
    leases: openLeases(sql),
    outbox: openOutbox(sql),
    rules: openRuleStore(sql),
    listenToJobs: async (onJobs) => {
      if (redis === undefined) return () => {};
      const { jobsChannel } = await import("../adapters/redis/jobs/redis-job-queue.ts");
      const { listenTo } = await import("../adapters/redis/tcp/listen-to.ts");
      return listenTo(redis, jobsChannel(installation), onJobs);
    },
    close: (report = () => {}) => {
      const others = () => Promise.all([bus.close(), queue.close(), breakers.close()]);
      const steps = [
        { name: "bus and queue", milliseconds: CLOSE_MS, run: others },
        // The driver's own bound comes first: it breaks off what is under way.
        { name: "PostgreSQL", milliseconds: CLOSE_MS + 1_000, run: () => sql.end({ timeout: CLOSE_MS / 1_000 }) },
      ];
      return stopInSteps(steps, report);
    },
  };
}

/**
 * Asks the queue once, so that one that must not be used is refused before anything runs. One that is away is not waited
 * for longer than a connect may take: whoever needs it goes on trying.
 *
 * @throws FraiseqlError CONFIG_INVALID for a Redis that may lose jobs, or refuses the login
 */
export async function refuseUnfitQueue(queue: JobQueue, { redis }: Config): Promise<void> {
  const asked = new AbortController();
  const question = queue.counts().catch((error) => {
    if (error instanceof FraiseqlError && error.code === "CONFIG_INVALID") throw error;
  });
  await Promise.race([question, realWait.wait(redis.connectTimeoutMs, asked.signal)]).finally(() => asked.abort());
}

/** Redis over TCP, else over REST, else PostgreSQL. */
async function openQueue({ redis }: Config, sql: Sql): Promise<JobQueue> {
  const { name, url, restUrl, restToken } = redis;
  if (url === undefined && restUrl === undefined) {
    const { openJobQueue } = await import("../adapters/postgres/jobs/job-queue.ts");
    return openJobQueue(sql);
  }
  const { createRedisJobQueue } = await import("../adapters/redis/jobs/redis-job-queue.ts");
  if (url !== undefined) {
    const { openRedis } = await import("../adapters/redis/tcp/open-redis.ts");
    const { connectTimeoutMs, replyTimeoutMs, allowUnsafe } = redis;
    return createRedisJobQueue({ scripts: openRedis({ url, connectTimeoutMs, replyTimeoutMs, allowUnsafe }), name });
  }
  const { openUpstash } = await import("../adapters/redis/upstash/open-upstash.ts");
  return createRedisJobQueue({
    scripts: openUpstash({ url: restUrl ?? "", token: restToken ?? "", timeoutMs: redis.replyTimeoutMs }),
    name,
  });
}
