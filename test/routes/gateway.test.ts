/** The gateway as the official client and others find it, in front of a real Redis. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Redis } from "@upstash/redis";
import { createRedisJobQueue } from "../../src/adapters/redis/jobs/redis-job-queue.ts";
import { ENQUEUE } from "../../src/adapters/redis/jobs/scripts/enqueue.ts";
import { openUpstash } from "../../src/adapters/redis/upstash/open-upstash.ts";
import { endAll, ids, job, many } from "../contract/job-queue-contract.ts";
import { type AnswerLoss, answerLoss } from "../support/answer-loss.ts";
import { GATEWAY_TOKEN, type ServedGateway, serveGateway } from "../support/gateway.ts";
import { REDIS_MISSING, type RedisServer, startRedis } from "../support/redis-server.ts";

describe.skipIf(REDIS_MISSING !== undefined)(`The gateway${REDIS_MISSING ? `: ${REDIS_MISSING}` : ""}`, () => {
  let server: RedisServer;
  let gateway: ServedGateway;
  let loss: AnswerLoss;
  let redis: Redis;
  beforeAll(async () => {
    server = await startRedis();
    gateway = serveGateway(server.url, 100_000);
    loss = await answerLoss(gateway.port);
    redis = new Redis({ url: gateway.url, token: GATEWAY_TOKEN });
  });
  afterAll(async () => {
    await loss.close();
    await gateway.stop();
    await server.stop();
  });

  const ask = (path: string, init: RequestInit = {}, token = GATEWAY_TOKEN) =>
    fetch(`${gateway.url}${path}`, { ...init, headers: { authorization: `Bearer ${token}`, ...init.headers } });
  const post = (path: string, body: unknown, headers = {}) =>
    ask(path, { method: "POST", body: JSON.stringify(body), headers });

  test("gives the official client what it was given", async () => {
    expect(await redis.set("text", 'é😀 \n"OK"')).toBe("OK");
    expect(await redis.get<string>("text")).toBe('é😀 \n"OK"');
    expect(await redis.get("missing")).toBeNull();
    await redis.set("object", { a: [1, null, "OK"], b: "T0s=" });
    expect(await redis.get<unknown>("object")).toEqual({ a: [1, null, "OK"], b: "T0s=" });
    await redis.set("ok", "OK");
    expect(await redis.get<string>("ok")).toBe("OK");
    expect(await redis.incrby("number", 41)).toBe(41);
    expect(await redis.hset("hash", { one: 1, two: "OK" })).toBe(2);
    expect(await redis.hgetall<Record<string, unknown>>("hash")).toEqual({ one: 1, two: "OK" });
    expect(await redis.zadd("zset", { score: 1.5, member: "m" })).toBe(1);
    expect(await redis.zrange("zset", 0, -1, { withScores: true })).toEqual(["m", 1.5]);
    expect(await redis.eval("return {1, {'two', ARGV[1]}, false}", [], ["three"])).toEqual([1, ["two", "three"], null]);
    expect(await redis.ping()).toBe("PONG");
  });

  test("answers the official client without base64 as well", async () => {
    const plain = new Redis({ url: gateway.url, token: GATEWAY_TOKEN, responseEncoding: false });
    await plain.set("plain", "é😀");
    expect(await plain.get<string>("plain")).toBe("é😀");
  });

  test("runs pipelines command by command, errors among them", async () => {
    const results = await redis.pipeline().set("p", 1).lpush("p", "x").incr("p").exec({ keepErrors: true });
    expect(results.map(({ result }) => result as unknown)).toEqual(["OK", undefined, 2]);
    expect(results[1]?.error).toStartWith("WRONGTYPE");
  });

  test("runs transactions as one step, or not at all", async () => {
    expect(await redis.multi().set("m", 1).incr("m").lrange("none", 0, -1).exec<unknown[]>()).toEqual(["OK", 2, []]);
    const aborted = await post("/multi-exec", [["SET", "m", "9"], ["INCR"]]);
    expect([aborted.status, await aborted.json()]).toEqual([
      400,
      { error: "EXECABORT Transaction discarded because of previous errors." },
    ]);
    expect(await redis.get<number>("m")).toBe(2);
    const wrong = await post("/multi-exec", [
      ["SET", "t", "text"],
      ["LPUSH", "t", "x"],
      ["INCRBY", "count", "3"],
    ]);
    const answers = (await wrong.json()) as { result?: unknown; error?: string }[];
    expect(answers.map(({ result, error }) => result ?? error?.split(" ")[0])).toEqual(["OK", "WRONGTYPE", 3]);
  });

  test("keeps transactions of many callers apart on its one connection", async () => {
    const turns = Array.from({ length: 50 }, () => redis.multi().incr("turns").incr("turns").exec<[number, number]>());
    for (const [first, second] of await Promise.all(turns)) expect(second).toBe(first + 1);
  });

  test("tells the official client the error of Redis", async () => {
    await redis.set("word", "text");
    await expect(redis.incr("word")).rejects.toThrow("ERR value is not an integer or out of range");
  });

  test("takes commands in the path, with a body as the last argument and options as parameters", async () => {
    expect(await (await ask("/set/a%2Fb/c%20d")).json()).toEqual({ result: "OK" });
    expect(await (await ask("/get/a%2Fb")).json()).toEqual({ result: "c d" });
    expect(await (await ask("/set/body?EX=100&NX", { method: "POST", body: "{é}" })).json()).toEqual({ result: "OK" });
    expect(await (await ask("/get/body", { headers: { "upstash-encoding": "base64" } })).json()).toEqual({
      result: Buffer.from("{é}").toString("base64"),
    });
    expect(((await (await ask("/ttl/body")).json()) as { result: number }).result).toBeGreaterThan(90);
    expect((await ask("/get/a", { method: "HEAD" })).status).toBe(200);
    expect((await ask("/get/a", { method: "DELETE" })).status).toBe(405);
  });

  test("gives bytes that are no UTF-8 as they are, in base64", async () => {
    await redis.eval("return redis.call('SET', KEYS[1], '\\255\\0\\128')", ["bytes"], []);
    const answer = await ask("/get/bytes", { headers: { "upstash-encoding": "base64" } });
    expect(await answer.json()).toEqual({ result: Buffer.from([255, 0, 128]).toString("base64") });
  });

  test("asks for the token", async () => {
    for (const token of ["", "wrong", `${GATEWAY_TOKEN}x`, GATEWAY_TOKEN.slice(1)]) {
      const answer = await ask("/get/a", {}, token);
      expect([answer.status, await answer.json()]).toEqual([401, { error: "Unauthorized" }]);
    }
    expect((await fetch(`${gateway.url}/get/a?_token=${GATEWAY_TOKEN}`)).status).toBe(401);
  });

  test("passes on nothing that changes its connection or the server", async () => {
    const commands = ["SELECT 1", "AUTH x", "BLPOP a 0", "SUBSCRIBE a", "CONFIG GET *", "SHUTDOWN", "MULTI", "KEYS *"];
    for (const command of [...commands, "client kill", "script flush", "FLUSHALL", "MONITOR", "RESET", "WATCH a"]) {
      const answer = await post("/", command.split(" "));
      expect([answer.status, await answer.json()]).toEqual([
        400,
        { error: `ERR the gateway does not pass on ${command.split(" ")[0]?.toUpperCase()}` },
      ]);
    }
    expect((await post("/pipeline", [["PING"], ["QUIT"]])).status).toBe(400);
  });

  test("refuses what is no command or too long", async () => {
    for (const body of [{}, [], [["a"]], ["SET", "a", null], "PING"]) expect((await post("/", body)).status).toBe(400);
    expect((await ask("/", { method: "POST", body: "[" })).status).toBe(400);
    expect((await ask("/")).status).toBe(400);
    expect((await ask("/get/%ff")).status).toBe(400);
    expect(
      (
        await post(
          "/pipeline",
          Array.from({ length: 1_001 }, () => ["PING"]),
        )
      ).status,
    ).toBe(400);
    const long = await post("/", ["SET", "long", "x".repeat(100_000)]);
    expect([long.status, await long.json()]).toMatchObject([413, { error: expect.any(String) }]);
  });

  test("the client's silent retry runs a command twice, and a script of the queue has one effect all the same", async () => {
    const lossy = new Redis({ url: `http://127.0.0.1:${loss.port}`, token: GATEWAY_TOKEN });
    await redis.set("counted", 0);
    loss.loseNext();
    await lossy.incr("counted");
    expect(await redis.get<number>("counted")).toBe(2);
    loss.loseNext();
    const record = "5\norg\n\n,1000,0,f,1000\npayload";
    expect(await lossy.eval(ENQUEUE.text, ["{silent}:"], ["", "a", "", record])).toBe(0);
    expect(await redis.lrange("{silent}:w:org", 0, -1)).toEqual(["a"]);
    expect(loss.lost).toBe(2);
  });

  test("a queue behind it loses no answer for good", async () => {
    const open = (port: number) => {
      const scripts = openUpstash({ url: `http://127.0.0.1:${port}`, token: GATEWAY_TOKEN, timeoutMs: 5_000 });
      return createRedisJobQueue({ scripts, name: "rest" });
    };
    const [lossy, plain] = [open(loss.port), open(gateway.port)];
    await plain.claim({ count: 1, leaseMs: 1_000 });
    await plain.enqueue(many(3, "j", "org"));
    const lose = async <T>(call: () => Promise<T>): Promise<T> => {
      loss.loseNext();
      return call();
    };
    const before = loss.lost;
    const claimed = await lose(() => lossy.claim({ count: 2, leaseMs: 60_000 }));
    expect(ids(claimed)).toEqual(["j-0", "j-1"]);
    expect(await plain.counts()).toMatchObject({ available: 1, running: 2 });
    expect(await lose(() => endAll(lossy, claimed, { kind: "complete" }))).toEqual([true, true]);
    // Whether it was new cannot be told any more; that it is there can.
    expect(await lose(() => lossy.enqueue([job("j-3")]))).toEqual([]);
    expect(await plain.counts()).toMatchObject({ available: 2, completed: 2 });
    expect(loss.lost).toBe(before + 3);
  });

  test("holds 64 MiB of answers for a request, and says of the others that they are longer", async () => {
    const long = { error: "ERR answers of more than 67108864 bytes are not held" };
    await redis.setrange("longest", 70_000_000, "x");
    await redis.setrange("long", 30_000_000, "x");
    const single = await post("/", ["GET", "longest"]);
    expect([single.status, await single.json()]).toEqual([400, long]);
    const commands = ["long", "longest", "long", "long", "text"].map((key) => ["GET", key]);
    const together = await post("/pipeline", commands, { "upstash-encoding": "base64" });
    const [first, second, third, fourth] = (await together.json()) as { result?: string; error?: string }[];
    expect([first?.result?.length, second, third?.result?.length, fourth]).toEqual([
      40_000_004,
      long,
      40_000_004,
      long,
    ]);
    expect((await post("/multi-exec", commands)).status).toBe(400);
    expect(await redis.strlen("longest")).toBe(70_000_001);
    expect(await redis.del("longest", "long")).toBe(2);
  });

  test("says that Redis is away, and the queue behind it says so too", async () => {
    const own = await startRedis();
    const front = serveGateway(own.url);
    const scripts = openUpstash({ url: front.url, token: GATEWAY_TOKEN, timeoutMs: 5_000 });
    const wrongToken = openUpstash({ url: front.url, token: "wrong", timeoutMs: 5_000 });
    try {
      await expect(createRedisJobQueue({ scripts: wrongToken, name: "q" }).counts()).rejects.toMatchObject({
        code: "CONFIG_INVALID",
      });
      await own.kill();
      const answer = await fetch(`${front.url}/get/a`, { headers: { authorization: `Bearer ${GATEWAY_TOKEN}` } });
      expect([answer.status, await answer.json()]).toEqual([
        503,
        { error: "Redis is not reachable; try again shortly." },
      ]);
      const refused = createRedisJobQueue({ scripts, name: "q" }).enqueue([job("a", { payload: "s3cret" })]);
      await expect(refused).rejects.toMatchObject({ code: "QUEUE_UNAVAILABLE" });
      const error = await refused.catch((reason: Error) => reason);
      expect(Bun.inspect(error)).not.toContain("s3cret");
    } finally {
      await front.stop();
      await own.stop();
    }
  });
});
