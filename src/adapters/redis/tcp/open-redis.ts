import { createHash } from "node:crypto";
import type { RedisFailure, RedisScript, RedisScripts } from "../redis-scripts.ts";
import { keptConnection } from "./kept-connection.ts";
import { framedParts, type RedisConnectionOptions } from "./redis-connection.ts";
import { redisAddress } from "./redis-url.ts";

export type RedisOptions = Omit<RedisConnectionOptions, "address" | "encoding"> & { readonly url: string };

/**
 * Scripts on a Redis over TCP, TLS or a Unix socket. A client of our own, since what a command costs in ioredis is most of
 * what enqueueing one job costs (bench/queue.ts).
 *
 * @throws FraiseqlError CONFIG_INVALID for a URL that is none
 */
export function openRedis({ url, ...rest }: RedisOptions): RedisScripts {
  const connection = keptConnection({ ...rest, address: redisAddress(url), encoding: "utf8" });
  /** All of a command that is the same every time. */
  const heads = new Map<RedisScript, { readonly prefix: string; readonly head: string }>();

  const headOf = (script: RedisScript, prefix: string): string => {
    const known = heads.get(script);
    if (known?.prefix === prefix) return known.head;
    const sha = createHash("sha1").update(script.text).digest("hex");
    const head = framedParts(["EVALSHA", sha, "1", prefix]);
    heads.set(script, { prefix, head });
    return head;
  };
  return {
    run: async (script, prefix, args) => {
      const size = `*${args.length + 4}\r\n`;
      const tail = framedParts(args);
      try {
        return await connection.send(`${size}${headOf(script, prefix)}${tail}`);
      } catch (error) {
        if ((error as RedisFailure).word !== "NOSCRIPT") throw error;
        return connection.send(`${size}${framedParts(["EVAL", script.text, "1", prefix])}${tail}`);
      }
    },
    close: async () => connection.close(),
  };
}
