/** How idle workers hear of jobs. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createRedisJobQueue, jobsChannel } from "../../../src/adapters/redis/jobs/redis-job-queue.ts";
import { listenTo } from "../../../src/adapters/redis/tcp/listen-to.ts";
import { openRedis } from "../../../src/adapters/redis/tcp/open-redis.ts";
import { arrivals } from "../../../src/compose/arrivals.ts";
import { endAll, job, many } from "../../contract/job-queue-contract.ts";
import { faultProxy } from "../../support/fault-proxy.ts";
import { REDIS_MISSING, type RedisServer, startRedis } from "../../support/redis-server.ts";

const WAY = { connectTimeoutMs: 2_000, replyTimeoutMs: 2_000, allowUnsafe: false } as const;
const NEVER = new AbortController().signal;

describe.skipIf(REDIS_MISSING !== undefined)(`Listening${REDIS_MISSING ? `: ${REDIS_MISSING}` : ""}`, () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());

  const open = (url: string, name: string) => createRedisJobQueue({ scripts: openRedis({ url, ...WAY }), name });
  /** Each `next` resolves at the next call; `count` is how many there were. */
  function listening(url: string, name: string) {
    const bell = arrivals();
    let count = 0;
    const ring = () => {
      count += 1;
      bell.ring();
    };
    return {
      stop: listenTo({ url, ...WAY }, jobsChannel(name), ring),
      next: () => bell.wait(NEVER),
      count: () => count,
    };
  }

  test("a job that comes to a queue without available ones is told, the next ones are not", async () => {
    const [queue, told] = [open(server.url, "told"), listening(server.url, "told")];
    await told.next();
    await queue.enqueue(many(3, "a", "one"));
    await told.next();
    await queue.enqueue([job("b", { org: "two" }), job("later", { notBefore: Date.now() + 60_000 })]);
    await queue.enqueue(many(3, "a", "one"));
    await endAll(queue, await queue.claim({ count: 10, leaseMs: 1_000 }), { kind: "complete" });
    expect(told.count()).toBe(2);
    await queue.enqueue([job("c")]);
    await told.next();
    expect(told.count()).toBe(3);
    told.stop();
    await queue.close();
  });

  test("who listens hears again after the connection broke, and is told that it may have missed something", async () => {
    const proxy = await faultProxy(server.url);
    const [queue, told] = [open(server.url, "cut"), listening(proxy.url, "cut")];
    await told.next();
    proxy.cut();
    await told.next();
    await queue.enqueue([job("a")]);
    await told.next();
    expect(told.count()).toBe(3);
    told.stop();
    await queue.close();
    await proxy.close();
  });

  test("a user that may neither publish nor subscribe enqueues all the same", async () => {
    const rights =
      "~{narrow}:* resetchannels +ping +info +evalsha +eval +time +@hash +@list +@sortedset +@string +exists +unlink";
    const own = await startRedis({ user: ["narrow", "on", ">s3cret", ...rights.split(" ")] });
    const url = own.url.replace("//", "//narrow:s3cret@");
    const [queue, told] = [open(url, "narrow"), listening(url, "narrow")];
    expect(await queue.enqueue([job("a")])).toEqual(["a"]);
    expect((await queue.claim({ count: 1, leaseMs: 1_000 })).map(({ job: { id } }) => id)).toEqual(["a"]);
    expect(told.count()).toBe(0);
    told.stop();
    await queue.close();
    await own.stop();
  });
});
