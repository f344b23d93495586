/** Circuit breakers, made of the configuration: they stand where the jobs are. */
import type { Sql } from "postgres";
import { openBreakers } from "../adapters/postgres/breakers/breakers.ts";
import { createRedisBreakers } from "../adapters/redis/breakers/redis-breakers.ts";
import { openRedis, type RedisOptions } from "../adapters/redis/tcp/open-redis.ts";
import type { Config } from "../config/schema.ts";
import type { BreakerPolicy } from "../core/breakers/breaker.ts";
import type { BreakerStore } from "../ports/breaker-store.ts";

export type BreakerStoreParts = {
  readonly config: Config["breakers"];
  readonly sql: Sql;
  /** Absent where there is no Redis. */
  readonly redis?: RedisOptions & { readonly name: string };
};

/** A probe that has said nothing for so long is joined by another. */
const PROBE_MS = 60_000;

/** A connection to Redis of its own is opened with the first attempt; `close` closes it. */
export function openBreakerStore({ config, sql, redis }: BreakerStoreParts): BreakerStore {
  const policy: BreakerPolicy = { ...config, probeMs: PROBE_MS };
  if (redis === undefined) return openBreakers(sql, { policy });
  const { name, ...options } = redis;
  return createRedisBreakers({ scripts: openRedis(options), name, policy });
}
