import type { RedisOptions } from "./open-redis.ts";
import { framed, RedisConnection } from "./redis-connection.ts";
import { redisAddress } from "./redis-url.ts";

const AGAIN_MS = 500;

/**
 * Calls back at each message of the channel, and once whenever listening has begun (again): what came before is not told. On a
 * connection of its own. Goes on by itself after an outage; meanwhile nothing comes, so whoever listens also looks by
 * himself now and then.
 *
 * @returns ends the listening
 * @throws FraiseqlError CONFIG_INVALID for a URL that is none
 */
export function listenTo({ url, ...rest }: RedisOptions, channel: string, onMessage: () => void): () => void {
  const address = redisAddress(url);
  const subscribe = framed(["SUBSCRIBE", channel]);
  let over = false;
  let connection: RedisConnection | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const begin = () => {
    const ended = () => {
      if (!over) timer = setTimeout(begin, AGAIN_MS);
    };
    const opened = new RedisConnection({ ...rest, address, encoding: "utf8", listener: { message: onMessage, ended } });
    connection = opened;
    opened.send(subscribe, (reply) => {
      // A user that may not subscribe is refused each time; each time costs little.
      if (reply instanceof Error) opened.close();
      else onMessage();
    });
  };
  begin();
  return () => {
    over = true;
    clearTimeout(timer);
    connection?.close();
  };
}
