import { expect, test } from "bun:test";
import { openBreakerStore } from "../../src/compose/breakers.ts";
import { migratedDatabase } from "../support/migrated.ts";
import { REDIS_MISSING, startRedis } from "../support/redis-server.ts";

const config = { failuresMax: 1, openMs: 60_000, openMaxMs: 60_000 };
const key = { org: "", endpoint: "https://hooks.example" };

test("breakers stand in PostgreSQL, by its clock", async () => {
  const { sql, drop } = await migratedDatabase("breakers_composed");
  const store = openBreakerStore({ config, sql });
  await store.failed(key, "t", "away");
  const pass = await openBreakerStore({ config, sql }).enter(key, "a");
  expect(pass.kind === "open" && pass.retryAfterMs > 30_000 && pass.retryAfterMs <= 60_000).toBe(true);
  const [breaker] = await store.list({ limit: 1 });
  expect([breaker?.state, breaker?.openings, Math.abs((breaker?.changedAt ?? 0) - Date.now()) < 30_000]).toEqual([
    "open",
    1,
    true,
  ]);
  await store.close();
  await drop();
});

test.skipIf(REDIS_MISSING !== undefined)("or in Redis, by its clock", async () => {
  const server = await startRedis();
  const { sql, drop } = await migratedDatabase("breakers_composed");
  const redis = { url: server.url, name: "shop", connectTimeoutMs: 2_000, replyTimeoutMs: 2_000, allowUnsafe: false };
  const [one, other] = [openBreakerStore({ config, sql, redis }), openBreakerStore({ config, sql, redis })];
  await one.failed(key, "t", "away");
  expect((await other.enter(key, "a")).kind).toBe("open");
  expect((await openBreakerStore({ config, sql }).enter(key, "a")).kind).toBe("closed");
  await Promise.all([one.close(), other.close()]);
  await drop();
  await server.stop();
});
