/** The gateway as workers run it, before an ordinary Redis: for the official client, and for a dispatcher that has no TCP. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Redis } from "@upstash/redis";
import { type AnswerLoss, answerLoss } from "../support/answer-loss.ts";
import { REDIS_MISSING, type RedisServer, startRedis } from "../support/redis-server.ts";
import { until } from "../support/until.ts";
import { type WorkerProcess, workerWorld } from "./worker-process.ts";

const TOKEN = "g".repeat(32);

describe.skipIf(REDIS_MISSING !== undefined)(
  `The gateway of workers${REDIS_MISSING ? `: ${REDIS_MISSING}` : ""}`,
  () => {
    let server: RedisServer;
    let world: Awaited<ReturnType<typeof workerWorld>>;
    let gateway: WorkerProcess;
    let url = "";
    let loss: AnswerLoss;
    beforeAll(async () => {
      server = await startRedis();
      world = await workerWorld(
        "workers_gateway",
        `[redis]\nurl = "${server.url}"\n[gateway]\nport = 0\ntoken = "${TOKEN}"\n`,
      );
      gateway = await world.start("--only", "gateway");
      await until(() => gateway.lines.some((line) => line.includes("gateway-listening")));
      url = JSON.parse(gateway.lines.find((line) => line.includes("gateway-listening")) ?? "{}").url;
      loss = await answerLoss(Number(new URL(url).port));
    }, 60_000);
    afterAll(async () => {
      await loss.close();
      await world.close();
      await server.stop();
    });

    test("gives the official client texts in base64, pipelines, transactions and the errors of Redis", async () => {
      expect(gateway.parts).toEqual(["gateway"]);
      const redis = new Redis({ url, token: TOKEN });
      expect([await redis.set("text", "é😀\n"), await redis.get<string>("text"), await redis.get("none")]).toEqual([
        "OK",
        "é😀\n",
        null,
      ]);
      const raw = await fetch(`${url}/get/text`, {
        headers: { authorization: `Bearer ${TOKEN}`, "upstash-encoding": "base64" },
      });
      expect(await raw.json()).toEqual({ result: Buffer.from("é😀\n").toString("base64") });
      const mixed = await redis.pipeline().incr("n").lpush("n", "x").incr("n").exec({ keepErrors: true });
      expect(mixed.map(({ result, error }) => error?.split(" ")[0] ?? result)).toEqual([1, "WRONGTYPE", 2]);
      expect(await redis.multi().incr("n").incr("n").exec<[number, number]>()).toEqual([3, 4]);
      await expect(redis.incr("text")).rejects.toThrow("ERR value is not an integer or out of range");
      await expect(new Redis({ url, token: "wrong" }).get("text")).rejects.toThrow("Unauthorized");
    });

    test("what a dispatcher enqueues through it is done once each, though the answer to each call is lost", async () => {
      const rest = `[redis]\nrestUrl = "http://127.0.0.1:${loss.port}"\nrestToken = "${TOKEN}"\n`;
      await world.place.write("edge.toml", `[workers]\nport = 0\n${rest}`);
      await world.start("--config", "edge.toml", "--only", "relay,dispatcher");
      const runner = await world.start("--only", "job-runner");
      for (let id = 1; id <= 8; id += 1) {
        const retried = loss.loseNext();
        await world.sql(`insert into city values (${id}, 'a')`);
        await retried;
        await until(() => world.receiver.received.some(({ path }) => path === `/${id}`));
      }
      await until(async () => (await runner.ready()).deliveries.open === 0);
      expect(loss.lost).toBe(8);
      expect(world.receiver.received.map(({ path }) => path)).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((id) => `/${id}`));
    }, 60_000);

    test("each line of its log says when, how grave and what; SIGTERM ends it", async () => {
      expect(await gateway.kill("SIGTERM")).toBe(0);
      expect(gateway.lines).not.toEqual([]);
      for (const line of gateway.lines) {
        expect(JSON.parse(line)).toMatchObject({
          time: expect.stringMatching(/^\d{4}-.*Z$/),
          level: expect.any(String),
          kind: expect.any(String),
        });
      }
      await expect(fetch(url)).rejects.toThrow();
    }, 30_000);
  },
);
