/** What a job queue on Redis does when Redis or the way to it does not do its part. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { createRedisJobQueue } from "../../../src/adapters/redis/jobs/redis-job-queue.ts";
import { openRedis, type RedisOptions } from "../../../src/adapters/redis/tcp/open-redis.ts";
import type { JobQueue } from "../../../src/ports/job-queue.ts";
import { endAll, ids, job, many } from "../../contract/job-queue-contract.ts";
import { type AnswerLoss, answerLoss } from "../../support/answer-loss.ts";
import { REDIS_MISSING, type RedisServer, startRedis } from "../../support/redis-server.ts";

const opened: JobQueue[] = [];
let names = 0;

function open(url: string, options: Partial<RedisOptions> = {}, name = `queue-${names++}`): JobQueue {
  const scripts = openRedis({ url, connectTimeoutMs: 2_000, replyTimeoutMs: 2_000, allowUnsafe: false, ...options });
  const queue = createRedisJobQueue({ scripts, name });
  opened.push(queue);
  return queue;
}

const cli = async (server: RedisServer, ...args: string[]) => {
  const child = Bun.spawn(["/usr/bin/redis-cli", "-p", `${server.port}`, ...args], { stdout: "pipe", stderr: "pipe" });
  return (await new Response(child.stdout).text()).trim();
};

describe.skipIf(REDIS_MISSING !== undefined)(`A job queue on Redis${REDIS_MISSING ? `: ${REDIS_MISSING}` : ""}`, () => {
  let server: RedisServer;
  let loss: AnswerLoss;
  beforeAll(async () => {
    server = await startRedis();
    loss = await answerLoss(server.port);
  });
  afterAll(async () => {
    for (const queue of opened) await queue.close();
    await loss.close();
    await server.stop();
  });

  test("loses no answer for good: each call is made again and has one effect", async () => {
    const [lossy, plain] = [open(`redis://127.0.0.1:${loss.port}`, {}, "lossy"), open(server.url, {}, "lossy")];
    // Lest the lost answer is that the script is not known.
    const other = open(server.url);
    await other.enqueue([job("a")]);
    const [warm] = await other.claim({ count: 1, leaseMs: 1_000 });
    await other.extend([{ id: "a", token: warm?.token ?? "" }], 1_000);
    await endAll(other, warm ? [warm] : [], { kind: "cancel" });
    await other.cancel("a");
    const lose = async <T>(call: () => Promise<T>): Promise<T> => {
      await lossy.state("warm");
      loss.loseNext();
      return call();
    };
    // Whether they were new cannot be told any more; that they are there can.
    expect(await lose(() => lossy.enqueue(many(3, "j", "org")))).toEqual([]);
    expect((await plain.counts()).available).toBe(3);
    const claimed = await lose(() => lossy.claim({ count: 2, leaseMs: 60_000 }));
    expect(ids(claimed)).toEqual(["j-0", "j-1"]);
    expect(claimed.map(({ attempt }) => attempt)).toEqual([1, 1]);
    expect(await plain.counts()).toMatchObject({ available: 1, running: 2 });
    const leases = claimed.map(({ job: { id }, token }) => ({ id, token }));
    expect(await lose(() => lossy.extend(leases, 60_000))).toEqual([true, true]);
    expect(await lose(() => endAll(lossy, claimed, { kind: "retry", delayMs: 60_000 }))).toEqual([true, true]);
    expect(await plain.counts()).toMatchObject({ available: 1, running: 0, retryable: 2 });
    expect(await lose(() => lossy.cancel("j-2"))).toBe(true);
    expect(loss.lost).toBe(5);
  });

  test("knows its scripts again after they were flushed", async () => {
    const queue = open(server.url);
    await queue.enqueue([job("a")]);
    await cli(server, "script", "flush");
    expect(ids(await queue.claim({ count: 1, leaseMs: 1_000 }))).toEqual(["a"]);
  });

  test("keeps what it accepted over a kill of the server, and says meanwhile that it is away", async () => {
    const own = await startRedis({ appendfsync: "always" });
    try {
      const queue = open(own.url);
      await queue.enqueue(many(50, "j", "org"));
      const claimed = await queue.claim({ count: 10, leaseMs: 60_000 });
      await own.kill();
      await expect(queue.enqueue([job("late")])).rejects.toMatchObject({ code: "QUEUE_UNAVAILABLE" });
      await own.restart();
      expect(await queue.counts()).toMatchObject({ available: 40, running: 10 });
      expect(await endAll(queue, claimed, { kind: "complete" })).toEqual(claimed.map(() => true));
    } finally {
      await own.stop();
    }
  });

  test("gives up a server that says nothing, and goes on when it speaks again", async () => {
    const own = await startRedis();
    try {
      const queue = open(own.url, { connectTimeoutMs: 500, replyTimeoutMs: 500 });
      await queue.enqueue([job("a")]);
      own.freeze();
      await expect(queue.counts()).rejects.toMatchObject({ code: "QUEUE_UNAVAILABLE" });
      own.thaw();
      const patient = open(own.url);
      expect(await patient.nextDue()).toBeUndefined();
    } finally {
      await own.stop();
    }
  });

  test("refuses a server that may lose jobs, unless told otherwise", async () => {
    const unsafe = await startRedis({ appendonly: "no", "maxmemory-policy": "allkeys-lru" });
    try {
      const refused = open(unsafe.url).counts();
      await expect(refused).rejects.toMatchObject({
        code: "CONFIG_INVALID",
        message:
          "This Redis is not safe for a queue: it has no append-only file (set appendonly yes); it evicts keys " +
          "(maxmemory-policy is allkeys-lru; set noeviction). To use it all the same, set redis.allowUnsafe.",
      });
      expect((await open(unsafe.url, { allowUnsafe: true }).counts()).available).toBe(0);
    } finally {
      await unsafe.stop();
    }
  });

  test("at maxmemory takes no more and still gives, extends and ends what it has", async () => {
    const small = await startRedis();
    try {
      const queue = open(small.url);
      const retry = { attemptsMax: 2, backoff: { kind: "fixed", delayMs: 0 }, jitter: 0 } as const;
      const payload = "x".repeat(2_000);
      await queue.enqueue(many(500, "j", "org").map((one) => ({ ...one, payload, retry, uniqueKey: one.id })));
      await cli(small, "config", "set", "maxmemory", "1mb");
      const refused = queue.enqueue([job("late")]);
      await expect(refused).rejects.toMatchObject({
        code: "QUEUE_UNAVAILABLE",
        message:
          "Redis is at its maxmemory and takes no more jobs until some are done; raise maxmemory if that does not help.",
      });
      expect(await queue.state("late")).toBeUndefined();
      const claimed = await queue.claim({ count: 400, leaseMs: 60_000 });
      expect(claimed.length).toBe(400);
      expect(await queue.extend([{ id: "j-0", token: claimed[0]?.token ?? "" }], 60_000)).toEqual([true]);
      expect(await endAll(queue, claimed.slice(0, 1), { kind: "retry", delayMs: 0 })).toEqual([true]);
      expect(await endAll(queue, claimed.slice(1), { kind: "complete" })).toEqual(claimed.slice(1).map(() => true));
      expect(await queue.cancel("j-499")).toBe(true);
      await endAll(queue, await queue.claim({ count: 200, leaseMs: 1 }), { kind: "complete" });
      expect((await queue.counts()).completed).toBe(499);
      await cli(small, "config", "set", "maxmemory", "100mb");
      expect(await queue.enqueue([job("late")])).toEqual(["late"]);
    } finally {
      await small.stop();
    }
  });

  test.each([
    ["at its maxmemory", ["maxmemory", "1"], ["maxmemory", "0"], /maxmemory and takes no more jobs .* raise maxmemory/],
    [
      "a replica",
      ["replicaof", "127.0.0.1 1"],
      ["replicaof", "no one"],
      /replica and takes no jobs; redis\.url has to/,
    ],
  ] as const)(
    "one that is %s says so when asked whether it takes jobs, and can be counted meanwhile",
    async (...row) => {
      const [, fault, mend, message] = row;
      const own = await startRedis();
      try {
        const queue = open(own.url);
        await queue.enqueue([job("a")]);
        const set = ([name, value]: readonly [string, string]) =>
          name === "replicaof" ? cli(own, name, ...value.split(" ")) : cli(own, "config", "set", name, value);
        expect(await set(fault)).toBe("OK");
        const said = queue.trial();
        await expect(said).rejects.toMatchObject({
          code: "QUEUE_UNAVAILABLE",
          message: expect.stringMatching(message),
        });
        expect((await queue.counts()).available).toBe(1);
        await set(mend);
        await queue.trial();
      } finally {
        await own.stop();
      }
    },
  );

  test("logs in, takes a database by number, and comes by a socket", async () => {
    const own = await startRedis({ requirepass: "s3cret", unixsocket: join(server.directory, "other.sock") });
    try {
      const { port } = own;
      const second = open(`redis://default:s3cret@127.0.0.1:${port}/2`, {}, "same");
      await second.enqueue([job("a")]);
      expect(await open(`redis://:s3cret@127.0.0.1:${port}`, {}, "same").state("a")).toBeUndefined();
      const socket = encodeURI(join(server.directory, "other.sock"));
      expect(await open(`redis+unix://:s3cret@x${socket}?db=2`, {}, "same").state("a")).toBe("available");
      const refused = open(`redis://:wrong@127.0.0.1:${port}`).counts();
      await expect(refused).rejects.toMatchObject({ code: "CONFIG_INVALID" });
    } finally {
      await own.stop();
    }
  });

  test("a URL that is none is refused without being told", () => {
    for (const url of ["http://user:s3cret@host", "redis://user:s3cret@host/notes", "s3cret"]) {
      expect(() => open(url)).toThrow(/^redis\.url: expected (?!.*s3cret)/);
    }
  });
});
