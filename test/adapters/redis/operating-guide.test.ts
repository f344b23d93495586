/** What docs/operating/redis.md asks of a server is enough. */
import { expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createRedisJobQueue, jobsChannel } from "../../../src/adapters/redis/jobs/redis-job-queue.ts";
import { listenTo } from "../../../src/adapters/redis/tcp/listen-to.ts";
import { openRedis } from "../../../src/adapters/redis/tcp/open-redis.ts";
import { endAll, job } from "../../contract/job-queue-contract.ts";
import { GATEWAY_TOKEN, serveGateway } from "../../support/gateway.ts";
import { REDIS_MISSING, startRedis } from "../../support/redis-server.ts";

const page = await readFile(join(import.meta.dir, "../../../docs/operating/redis.md"), "utf8");
const block = (language: string) => new RegExp(`\`\`\`${language}\\n([^\`]*)\`\`\``).exec(page)?.[1]?.trim() ?? "";

test.skipIf(REDIS_MISSING !== undefined)("with these settings and these rights a queue works", async () => {
  const settings = block("conf")
    .split("\n")
    .map((line) => line.split(" "));
  expect(settings.length).toBe(3);
  const user = ["queue", "on", ">s3cret", ...block("acl").split(" ")];
  const server = await startRedis({ ...Object.fromEntries(settings), user });
  const url = server.url.replace("//", "//queue:s3cret@").concat("/1");
  const way = { url, connectTimeoutMs: 2_000, replyTimeoutMs: 2_000, allowUnsafe: false };
  const scripts = openRedis(way);
  const heard = Promise.withResolvers<void>();
  const stopListening = listenTo(way, jobsChannel("fraiseql"), heard.resolve);
  const queue = createRedisJobQueue({ scripts, name: "fraiseql" });
  try {
    await heard.promise;
    const notBefore = Date.now() + 60_000;
    expect(await queue.enqueue([job("a", { uniqueKey: "k" }), job("b"), job("c", { notBefore })])).toHaveLength(3);
    const claimed = await queue.claim({ count: 1, leaseMs: 1_000 });
    await queue.extend([{ id: "a", token: claimed[0]?.token ?? "" }], 1_000);
    expect(await endAll(queue, claimed, { kind: "retry", delayMs: 0 })).toEqual([true]);
    expect(await queue.cancel("b")).toBe(true);
    expect(await queue.state("c")).toBe("scheduled");
    expect(await queue.abandoned(1)).toEqual([]);
    await queue.takeAbandoned(["a"]);
    expect(await queue.nextDue()).toBe(0);
    await endAll(queue, await queue.claim({ count: 1, leaseMs: 1_000 }), { kind: "complete" });
    expect(await queue.counts()).toMatchObject({ completed: 1, cancelled: 1, scheduled: 1 });
    await queue.clear();
  } finally {
    stopListening();
    await queue.close();
    await server.stop();
  }
});

test.skipIf(REDIS_MISSING !== undefined || Bun.which("curl") === null)(
  "the gateway answers these commands",
  async () => {
    const commands = [...page.matchAll(/^curl .*$/gm)].map(([line]) => line);
    const server = await startRedis();
    const gateway = serveGateway(server.url);
    try {
      const answers: unknown[] = [];
      for (const command of commands) {
        const line = command.replace("http://127.0.0.1:8002", gateway.url);
        const child = Bun.spawn(["sh", "-c", `${line} -s`], {
          env: { ...process.env, TOKEN: GATEWAY_TOKEN },
          stdout: "pipe",
        });
        answers.push(await new Response(child.stdout).json());
      }
      expect(answers).toEqual([
        { result: "OK" },
        { result: "hello" },
        [{ result: 1 }, { result: -1 }],
        [{ result: 2 }, { result: 3 }],
      ]);
    } finally {
      await gateway.stop();
      await server.stop();
    }
  },
);
