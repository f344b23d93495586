import { FraiseqlError } from "../../../core/errors.ts";

export type RedisAddress = {
  readonly host: string;
  readonly port: number;
  /** Of a Unix socket, in place of host and port. */
  readonly path?: string;
  readonly tls: boolean;
  readonly user?: string;
  readonly password?: string;
  readonly database: number;
};

/**
 * `redis://user:password@host:port/database`, `rediss://` over TLS, `redis+unix:///path/of/socket?db=1`.
 *
 * @throws FraiseqlError CONFIG_INVALID, without the URL, which may hold a password
 */
export function redisAddress(text: string): RedisAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^(rediss?|redis\+unix):$/.test(url.protocol)) {
    throw new FraiseqlError(
      "CONFIG_INVALID",
      "redis.url: expected a URL that begins with redis://, rediss:// or redis+unix://.",
    );
  }
  const unix = url.protocol === "redis+unix:";
  const database = Number((unix ? url.searchParams.get("db") : url.pathname.slice(1)) || 0);
  if (!Number.isInteger(database) || database < 0) {
    throw new FraiseqlError("CONFIG_INVALID", "redis.url: expected the number of a database after the last slash.");
  }
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, "$1") || "127.0.0.1",
    port: Number(url.port || 6379),
    ...(unix ? { path: decodeURIComponent(url.pathname) } : {}),
    tls: url.protocol === "rediss:",
    ...(url.username === "" ? {} : { user: decodeURIComponent(url.username) }),
    ...(url.password === "" ? {} : { password: decodeURIComponent(url.password) }),
    database,
  };
}
