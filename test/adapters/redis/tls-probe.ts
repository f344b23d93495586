/** Prints what a queue on the Redis of the first argument says: its own process, since authorities are read at the start. */
import { createRedisJobQueue } from "../../../src/adapters/redis/jobs/redis-job-queue.ts";
import { openRedis } from "../../../src/adapters/redis/tcp/open-redis.ts";

const url = process.argv[2] ?? "";
const scripts = openRedis({ url, connectTimeoutMs: 2_000, replyTimeoutMs: 2_000, allowUnsafe: false });
const queue = createRedisJobQueue({ scripts, name: "tls" });
const said = await queue.counts().then(
  ({ available }) => `${available} available`,
  (error: { code: string }) => error.code,
);
process.stdout.write(said);
await queue.close();
