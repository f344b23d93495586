import { RedisClient } from "bun";
import type { RedisServer } from "../../support/redis-server.ts";

/** By another client. */
export async function redisCommand(
  { url }: RedisServer,
  [name, ...args]: readonly [string, ...string[]],
): Promise<unknown> {
  const client = new RedisClient(url);
  try {
    return await client.send(name, args);
  } finally {
    client.close();
  }
}
