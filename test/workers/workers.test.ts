import { afterEach, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NATS_MISSING, startNats } from "../support/nats-server.ts";
import { REDIS_MISSING, startRedis } from "../support/redis-server.ts";
import { mountSmallDisk } from "../support/small-disk.ts";
import { until } from "../support/until.ts";
import { workerWorld } from "./worker-process.ts";

const TOKEN = "t".repeat(32);
type World = Awaited<ReturnType<typeof workerWorld>>;
const opened: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).toReversed()) await close();
});
async function world(...given: Parameters<typeof workerWorld>): Promise<World> {
  const one = await workerWorld(...given);
  opened.push(one.close);
  return one;
}
async function settingsOf(composition: string): Promise<string> {
  if (composition === "PostgreSQL alone") return "";
  const [redis, nats] = [await startRedis(), await startNats()];
  opened.push(redis.stop, nats.stop);
  return `[redis]\nurl = "${redis.url}"\n[nats]\nurl = "${nats.url}"\nackWaitMs = 2000\n`;
}
const idsOf = ({ receiver }: World) => new Set(receiver.received.map(({ path }) => Number(path.slice(1))));

for (const composition of ["PostgreSQL alone", "NATS and Redis"] as const) {
  const missing = composition === "PostgreSQL alone" ? undefined : (REDIS_MISSING ?? NATS_MISSING);
  describe.skipIf(missing !== undefined)(`on ${composition}${missing ? ` (skipped: ${missing})` : ""}`, () => {
    const name = composition === "PostgreSQL alone" ? "workers_alone" : "workers_both";

    test("kill -9 in the middle loses nothing: the next process does what is left", async () => {
      const one = await world(name, await settingsOf(composition), "leaseMs = 2000");
      const first = await one.start("--concurrency", "5");
      await one.sql("insert into city select n, 'city' from generate_series(1, 300) n");
      await until(() => one.receiver.received.length >= 40);
      await first.kill("SIGKILL");
      expect(idsOf(one).size).toBeLessThan(300);
      await until(() => one.isFreeOfSessions());
      // What it was given and did not acknowledge comes again: on NATS after ackWaitMs, in PostgreSQL as if that had passed.
      await one.sql("update fraiseql.bus_given set due_at = clock_timestamp()");
      const second = await one.start();
      await until(() => idsOf(one).size === 300);
      await until(async () => (await second.ready()).deliveries.open === 0);
      expect(await second.kill("SIGTERM")).toBe(0);
      // Each call again of a job that was under way has the id of the first: the receiver can tell.
      const ids = one.receiver.received.map(({ headers }) => headers["webhook-id"]);
      expect(new Set(ids).size).toBe(300);
    }, 60_000);

    test("SIGTERM waits for the attempt that has begun, and takes nothing new", async () => {
      const one = await world(name, await settingsOf(composition));
      let answer = () => {};
      one.receiver.answer = (_, response) => {
        answer = () => void response.end("ok");
      };
      const worker = await one.start("--concurrency", "1");
      await one.sql("insert into city values (1, 'a'), (2, 'b')");
      await until(() => one.receiver.received.length === 1);
      const exited = worker.kill("SIGTERM");
      // What it held is free once it has heard; it still answers, and the attempt goes on.
      await until(() => one.isFreeOfLeases());
      await until(() => fetch(`${worker.url}/health/live`).then(({ ok }) => ok));
      answer();
      expect(await exited).toBe(0);
      const { out } = await one.place.run("jobs", "list", "--json");
      const states = JSON.parse(out).deliveries.map(({ state, attempts }: { state: string; attempts: number }) => [
        state,
        attempts,
      ]);
      expect(states.toSorted()).toEqual([
        ["done", 1],
        ["open", 0],
      ]);
      expect(one.receiver.received).toHaveLength(1);
    }, 60_000);

    test("SIGTERM under load ends what has begun and leaves the rest to others: nothing is called twice", async () => {
      const one = await world(name, await settingsOf(composition));
      one.receiver.answer = (_, response) => void setTimeout(() => response.end("ok"), 20);
      const first = await one.start("--concurrency", "10");
      await one.sql("insert into city select n, 'city' from generate_series(1, 200) n");
      await until(() => one.receiver.received.length >= 30);
      expect(await first.kill("SIGTERM")).toBe(0);
      expect(one.receiver.received.length).toBeLessThan(200);
      await one.start();
      await until(() => idsOf(one).size === 200);
      expect(one.receiver.received).toHaveLength(200);
    }, 60_000);

    test("SIGTERM waits for no longer than it may; what is broken off is at once another's, and no attempt", async () => {
      const settings = await settingsOf(composition);
      const one = await world(name, settings);
      const hasty =
        '[workers]\nport = 0\nleaseMs = 60000\ndrainMs = 200\n[webhooks]\nallowedNetworks = ["127.0.0.0/8"]\n';
      await one.place.write("hasty.toml", hasty + settings);
      const { answer } = one.receiver;
      one.receiver.answer = () => {};
      const first = await one.start("--config", "hasty.toml");
      await one.sql("insert into city values (1, 'a'), (2, 'b'), (3, 'c')");
      await until(() => one.receiver.received.length === 3);
      expect(await first.kill("SIGTERM")).toBe(0);
      one.receiver.answer = answer;
      const second = await one.start();
      await until(() => one.receiver.received.length === 6);
      await until(async () => (await second.ready()).deliveries.open === 0);
      const { out } = await one.place.run("jobs", "list", "--json");
      expect(JSON.parse(out).deliveries.map(({ attempts }: { attempts: number }) => attempts)).toEqual([1, 1, 1]);
    }, 60_000);

    test("ready says what lags, where it waits and for how long", async () => {
      const one = await world(name, await settingsOf(composition));
      one.receiver.answer = () => {};
      const runner = await one.start("--only", "job-runner");
      const { ready } = runner;
      await one.sql("insert into city values (1, 'a'), (2, 'b')");
      const first = await ready();
      const idle = { queue: { available: 0, running: 0 }, deliveries: { open: 0 } };
      expect(first).toMatchObject({ status: "ready", outbox: { waiting: 2 }, bus: { pending: 0 }, ...idle });
      await until(async () => (await ready()).outbox.lagMs > first.outbox.lagMs);

      await one.start("--only", "relay");
      await until(async () => (await ready()).outbox.waiting === 0);
      expect(await ready()).toMatchObject({ outbox: { waiting: 0, lagMs: 0 }, bus: { pending: 2 }, ...idle });

      await one.start("--only", "dispatcher");
      await until(async () => one.receiver.received.length === 2 && (await ready()).bus.pending === 0);
      expect(await ready()).toMatchObject({ outbox: { waiting: 0 }, queue: { running: 2 }, deliveries: { open: 2 } });
    }, 60_000);
  });
}

test.skipIf(NATS_MISSING !== undefined)(
  "a worker whose bus is not the one that the relay publishes to is unready and says what to do, as `status` does",
  async () => {
    const nats = await startNats();
    opened.push(nats.stop);
    const one = await world("workers_two_buses");
    await one.place.write("nats.toml", `[workers]\nport = 0\n[nats]\nurl = "${nats.url}"\n`);
    const first = await one.start("--config", "nats.toml");
    const second = await one.start("--only", "dispatcher");
    const answer = () => fetch(`${second.url}/health/ready`);
    expect((await answer()).status).toBe(200);
    await one.sql("insert into city values (1, 'a')");
    await until(async () => (await first.ready()).outbox.waiting === 0);
    const unready = await answer();
    const bus = { unavailable: expect.stringContaining("NATS_URL") };
    expect([unready.status, await unready.json()]).toMatchObject([503, { status: "unready", bus }]);
    expect((await fetch(`${first.url}/health/ready`)).status).toBe(200);
    expect(await one.place.run("status")).toMatchObject({ code: 1, out: expect.stringContaining("NATS_URL") });
    expect(await one.place.run("status", "--config", "nats.toml")).toMatchObject({ code: 0 });
  },
  60_000,
);

test("a port another worker has is refused, with what to do", async () => {
  const one = await world("workers_busy");
  const { port } = new URL((await one.start()).url);
  const { code, err } = await one.place.run("workers", "--port", port);
  expect([code, err.trim()]).toEqual([
    2,
    `CONFIG_INVALID: Nothing can listen on 127.0.0.1:${port}; is another worker running there? Choose another port with --port.
  cause: Failed to start server. Is port ${port} in use?`,
  ]);
}, 60_000);

test("the port says what lives, what waits, and what was measured; all but health asks for the token", async () => {
  const one = await world("workers_port", `[api]\ntoken = "${TOKEN}"\n`);
  const worker = await one.start("--only", "relay,dispatcher");
  expect(worker.parts).toEqual(["relay", "dispatcher"]);
  const get = (path: string, token?: string) =>
    fetch(`${worker.url}${path}`, { headers: token === undefined ? {} : { authorization: `Bearer ${token}` } });
  expect(await (await get("/health/live")).json()).toEqual({ status: "live" });
  const ready = await get("/health/ready");
  expect([ready.status, await ready.json()]).toMatchObject([200, { status: "ready", bus: { pending: 0 } }]);
  for (const path of ["/metrics", "/api/status", "/none"]) {
    expect([path, (await get(path)).status, (await get(path, "x")).status]).toEqual([path, 401, 401]);
  }
  await one.sql("insert into city values (1, 'a')");
  await until(async () => /^fraiseql_jobs\{state="available"\} 1$/m.test(await (await get("/metrics", TOKEN)).text()));
  // Its job is there before the event is acknowledged, and that may be before the relay has written down that it was published.
  await until(async () => {
    const { outbox, bus } = await worker.ready();
    return outbox.waiting === 0 && bus.pending === 0;
  });
  expect(one.receiver.received).toEqual([]);
  // What lags, and by how much.
  const waiting = {
    outbox: { waiting: 0, lagMs: 0 },
    bus: { pending: 0 },
    queue: { available: 1 },
    deliveries: { open: 1 },
  };
  expect(await (await get("/health/ready")).json()).toMatchObject({ status: "ready", ...waiting });
  const text = await (await get("/metrics", TOKEN)).text();
  for (const line of text.trim().split("\n").filter(Boolean)) {
    expect(line).toMatch(/^(# (HELP|TYPE) \w+ .+|\w+(\{(\w+="[^"]*",?)*\})? [-+0-9.e]+(Inf)?)$/);
  }
  expect((await get("/none", TOKEN)).status).toBe(404);
  const names = [...text.matchAll(/^# TYPE (\w+)/gm)].map(([, name]) => name).toSorted();
  const page = await Bun.file(`${import.meta.dir}/../../docs/operating/workers.md`).text();
  expect([...page.matchAll(/^\| `(fraiseql_\w+)` \|/gm)].map(([, name]) => name).toSorted()).toEqual(names);
}, 60_000);

test("without a token other sites' pages are refused, and so is an address that others can reach", async () => {
  const one = await world("workers_open");
  const worker = await one.start("--only", "relay");
  const foreign = { origin: "https://evil.example" };
  for (const path of ["/metrics", "/api/status"]) {
    expect((await fetch(`${worker.url}${path}`)).status).toBe(200);
    expect((await fetch(`${worker.url}${path}`, { headers: foreign })).status).toBe(403);
  }
  await one.place.write("open.toml", '[workers]\nhost = "0.0.0.0"\nport = 0\n');
  const refused = await one.place.run("workers", "--config", "open.toml");
  expect([refused.code, refused.err]).toEqual([2, expect.stringContaining("set api.token")]);
  expect(await one.place.run("workers", "--only", "realy")).toMatchObject({ code: 2 });
  expect(await one.place.run("workers", "--concurrency", "0")).toMatchObject({ code: 2 });
  // A part that cannot start ends the process, and the others drain.
  const gateway = await one.place.run("workers", "--only", "relay,gateway");
  expect([gateway.code, gateway.err]).toEqual([2, expect.stringContaining("CONFIG_INVALID")]);
}, 60_000);

test.skipIf(REDIS_MISSING !== undefined)(
  "a Redis that may lose jobs is refused at the start, whichever part is to run, unless told otherwise",
  async () => {
    const redis = await startRedis({ appendonly: "no" });
    opened.push(redis.stop);
    const settings = `[gateway]\nport = 0\ntoken = "${TOKEN}"\n[redis]\nurl = "${redis.url}"\n`;
    const one = await world("workers_unsafe", settings);
    for (const part of ["relay", "dispatcher", "job-runner", "gateway"]) {
      const { code, out, err } = await one.place.run("workers", "--only", part);
      expect([part, code, out, err]).toEqual([part, 2, "", expect.stringContaining("set redis.allowUnsafe")]);
    }
    await one.place.write("fraiseql.toml", `[workers]\nport = 0\n${settings}allowUnsafe = true\n`);
    expect(await (await one.start("--only", "job-runner")).ready()).toMatchObject({ status: "ready" });
  },
  60_000,
);

test.skipIf(REDIS_MISSING !== undefined)(
  "a part that is away makes a worker unready until it is back, and is named",
  async () => {
    const redis = await startRedis();
    opened.push(redis.stop);
    const one = await world("workers_away", `[redis]\nurl = "${redis.url}"\n`);
    const worker = await one.start("--only", "job-runner");
    const ready = () => fetch(`${worker.url}/health/ready`);
    expect((await ready()).status).toBe(200);
    await redis.kill();
    const without = await ready();
    const unavailable = expect.stringContaining("Redis is not reachable");
    expect([without.status, await without.json()]).toMatchObject([
      503,
      {
        status: "unready",
        queue: { unavailable },
        intake: { unavailable },
        outbox: { waiting: 0 },
        bus: { pending: 0 },
        deliveries: { open: 0 },
      },
    ]);
    expect((await fetch(`${worker.url}/health/live`)).status).toBe(200);
    await redis.restart();
    await until(async () => (await ready()).status === 200);
  },
  60_000,
);

test.skipIf(REDIS_MISSING !== undefined || process.getuid?.() !== 0)(
  "a Redis that can be asked and cannot write makes a worker unready, is named with what to do, and heals by itself",
  async () => {
    const directory = await mkdtemp(join(tmpdir(), "fraiseql-disk-"));
    const disk = await mountSmallDisk(directory, 4);
    opened.push(() => rm(directory, { recursive: true }), disk.unmount);
    const redis = await startRedis({ dir: directory });
    opened.push(redis.stop);
    const one = await world("workers_misconf", `[redis]\nurl = "${redis.url}"\n`);
    const worker = await one.start();
    const ready = () => fetch(`${worker.url}/health/ready`);
    expect(await (await ready()).json()).toMatchObject({ status: "ready", intake: { open: true } });
    await disk.fill();
    let row = 0;
    await until(async () => {
      await one.sql(`insert into city values (${++row}, 'city')`);
      return (await ready()).status === 503;
    });
    const unready = await (await ready()).json();
    const unavailable = "Redis cannot write to its disk and takes no jobs; make room there. Its log says more.";
    expect(unready).toMatchObject({ queue: { available: expect.any(Number) }, intake: { unavailable } });
    await disk.free();
    await until(async () => (await ready()).status === 200);
    await until(() => idsOf(one).size === row);
  },
  60_000,
);
