import { Redis } from "ioredis";
import type { RedisServer } from "../../support/redis-server.ts";

/** By another client. */
export async function redisCommand(
  { port }: RedisServer,
  [name, ...args]: readonly [string, ...string[]],
): Promise<unknown> {
  const client = new Redis({ port, host: "127.0.0.1" });
  try {
    return await client.call(name, ...args);
  } finally {
    client.disconnect();
  }
}
