import { openRedisCommands } from "../adapters/redis/tcp/open-commands.ts";
import type { Config } from "../config/schema.ts";
import { FraiseqlError } from "../core/errors.ts";
import type { RedisCommands } from "../ports/redis-commands.ts";

/** What the gateway stands in front of, and what it asks for. @throws FraiseqlError CONFIG_INVALID */
export function openGatewayRedis({ redis, gateway }: Config): {
  readonly redis: RedisCommands;
  readonly token: string;
} {
  const { url, connectTimeoutMs, replyTimeoutMs, allowUnsafe } = redis;
  const missing = url === undefined ? "redis.url" : gateway.token === undefined ? "gateway.token" : undefined;
  if (url === undefined || gateway.token === undefined) {
    throw new FraiseqlError("CONFIG_INVALID", `The gateway needs ${missing}.`);
  }
  return { redis: openRedisCommands({ url, connectTimeoutMs, replyTimeoutMs, allowUnsafe }), token: gateway.token };
}
