/** Every store of breakers keeps the promises of its port. */
import { afterAll, beforeAll, describe, test } from "bun:test";
import { createMemoryBreakers } from "../../src/adapters/memory/breakers/memory-breakers.ts";
import { openBreakers } from "../../src/adapters/postgres/breakers/breakers.ts";
import { createRedisBreakers } from "../../src/adapters/redis/breakers/redis-breakers.ts";
import { openRedis } from "../../src/adapters/redis/tcp/open-redis.ts";
import type { BreakerStore } from "../../src/ports/breaker-store.ts";
import { type MigratedDatabase, migratedDatabase } from "../support/migrated.ts";
import { REDIS_MISSING, type RedisServer, startRedis } from "../support/redis-server.ts";
import { BREAKER_STORE_CONTRACT, POLICY } from "./breaker-store-contract.ts";

type OpenWorld = (now: () => number) => Promise<() => BreakerStore>;

function holds(name: string, openWorld: OpenWorld, missing?: string): void {
  describe(`BreakerStore: ${name}${missing === undefined ? "" : ` (skipped: ${missing})`}`, () => {
    for (const [sentence, promise] of Object.entries(BREAKER_STORE_CONTRACT)) {
      test.skipIf(missing !== undefined)(
        sentence,
        async () => {
          let time = 1_800_000_000_000;
          const now = () => time;
          const open = await openWorld(now);
          const opened: BreakerStore[] = [];
          const advance = (milliseconds: number) => {
            time += milliseconds;
          };
          const openOne = () => {
            const store = open();
            opened.push(store);
            return store;
          };
          try {
            await promise({ open: openOne, advance, now });
          } finally {
            for (const store of opened) await store.close();
          }
        },
        30_000,
      );
    }
  });
}

let database: MigratedDatabase;
let redis: RedisServer | undefined;
beforeAll(async () => {
  database = await migratedDatabase("breakers");
  if (REDIS_MISSING === undefined) redis = await startRedis();
});
afterAll(async () => {
  await database.drop();
  await redis?.stop();
});

holds("memory", async (now) => {
  const breakers = createMemoryBreakers({ policy: POLICY, now });
  return () => breakers;
});

holds("PostgreSQL", async (now) => {
  await database.sql`truncate fraiseql.breakers`;
  return () => openBreakers(database.sql, { policy: POLICY, now });
});

const REDIS = { connectTimeoutMs: 2_000, replyTimeoutMs: 5_000, allowUnsafe: false } as const;
holds(
  "Redis",
  async (now) => {
    const name = crypto.randomUUID();
    const scripts = () => openRedis({ url: redis?.url ?? "", ...REDIS });
    return () => createRedisBreakers({ scripts: scripts(), name, policy: POLICY, now });
  },
  REDIS_MISSING,
);
