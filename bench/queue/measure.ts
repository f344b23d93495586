import type { Contender } from "./contender.ts";

/** Jobs enqueued in a second, `inFlight` calls at a time, of `batch` jobs each. */
export async function perSecond(contender: Contender, count: number, inFlight: number, batch = 1): Promise<number> {
  let next = 0;
  const start = performance.now();
  const lane = async () => {
    while (next < count) {
      const from = next;
      next += batch;
      await (batch === 1 ? contender.enqueueOne(from) : contender.enqueueMany(from, from + batch));
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  return (count / (performance.now() - start)) * 1_000;
}

const JOBS = 20_000;

/** Bytes that Redis says it uses for each of many waiting jobs. */
export async function bytesPerJob(contender: Contender, url: string): Promise<number> {
  const redis = new Bun.RedisClient(url);
  const used = async () => Number(/used_memory:(\d+)/.exec(await redis.send("INFO", ["memory"]))?.[1]);
  try {
    await redis.send("FLUSHALL", []);
    await contender.enqueueMany(0, 1);
    const before = await used();
    for (let from = 1; from < JOBS; from += 1_000) await contender.enqueueMany(from, Math.min(from + 1_000, JOBS));
    const after = await used();
    await contender.clear();
    return (after - before) / (JOBS - 1);
  } finally {
    redis.close();
  }
}
