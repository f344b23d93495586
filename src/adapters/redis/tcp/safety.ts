import { RedisFailure } from "../redis-scripts.ts";

/**
 * Holds a server's `INFO` against what a queue needs: a Redis without an append-only file forgets jobs that were accepted
 * when it stops, and one that evicts keys throws them away when memory is short.
 *
 * @throws RedisFailure `unfit`; `unreachable` while it reads its data, when it says of its append-only file that there is none
 */
export function refuseUnsafe(info: string): void {
  const value = (key: string) => new RegExp(`^${key}:(.*?)\\r?$`, "m").exec(info)?.[1] ?? "";
  if (value("loading") === "1") throw new RedisFailure("unreachable", "the server is reading its data");
  const problems = [
    ...(value("aof_enabled") === "1" ? [] : ["it has no append-only file (set appendonly yes)"]),
    ...(value("maxmemory_policy") === "noeviction"
      ? []
      : [`it evicts keys (maxmemory-policy is ${value("maxmemory_policy") || "unknown"}; set noeviction)`]),
  ];
  const [major = 0, minor = 0] = value("redis_version").split(".").map(Number);
  if (major < 6 || (major === 6 && minor < 2)) problems.push("it is older than 6.2");
  if (problems.length === 0) return;
  throw new RedisFailure(
    "unfit",
    `This Redis is not safe for a queue: ${problems.join("; ")}. To use it all the same, set redis.allowUnsafe.`,
  );
}
