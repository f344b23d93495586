import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { FraiseqlError } from "../../src/core/errors.ts";
import { rebuildQueue } from "../../src/flows/jobs/rebuild-queue.ts";
import { cancelDeliveries, replayDeliveries } from "../../src/flows/jobs/replay-deliveries.ts";
import { seen } from "../contract/contract.ts";
import { DONE, FAILED, jobsWorld, promised } from "./jobs-world.ts";

let world: Awaited<ReturnType<typeof jobsWorld>>;
beforeAll(async () => {
  world = await jobsWorld("run_jobs");
});
afterAll(() => world.close());
beforeEach(() => world.clear());

const ended = (state: string, id: string) => seen(`${id} ${state}`, async () => (await world.stateOf(id)) === state);
const stoppedBy = ({ signal }: { signal: AbortSignal }) =>
  new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));

test("a job is attempted once, told to the ledger and then to the queue", async () => {
  const order: string[] = [];
  const { ledger, queue } = world.parts;
  const [id = ""] = await world.add(["e:1"]);
  const runner = world.run(
    {},
    {
      ledger: {
        ...ledger,
        recordAttempts: async (all) => {
          order.push("ledger");
          await ledger.recordAttempts(all);
          order.push("kept");
        },
      },
      queue: {
        ...queue,
        end: (all) => {
          order.push("queue");
          return queue.end(all);
        },
      },
    },
  );
  await seen("the queue's end", async () => (await queue.state(id)) === "completed");
  await runner.stop();
  expect(order).toEqual(["ledger", "kept", "queue"]);
  expect([await world.stateOf(id), world.inputs.length, world.inputs[0]?.id]).toEqual(["done", 1, id]);
  expect(world.inputs[0]?.traceparent?.slice(0, 36)).toBe("00-0af7651916cd43dd8448eb211c80319c-");
});

test("what fails is tried again by its policy, then becomes a dead letter, and a replay tries it anew", async () => {
  world.doing(() => FAILED);
  const [id = ""] = await world.add(["e:1"]);
  const runner = world.run();
  await ended("discarded", id);
  expect(await world.attemptsOf(id)).toEqual(["retryable", "retryable", "retryable"]);
  world.doing(() => DONE);
  expect(await replayDeliveries(world, { state: "discarded" }, 10)).toEqual([id]);
  await ended("done", id);
  await runner.stop();
  expect(await world.attemptsOf(id)).toEqual(["retryable", "retryable", "retryable", "done"]);
  expect(world.inputs.map(({ id, attempt }) => [id, attempt])).toEqual([1, 2, 3, 4].map((attempt) => [id, attempt]));
});

test("all dead letters are replayed, and all deliveries given up, however many there are", async () => {
  const count = 1_010;
  await world.add(Array.from({ length: count }, (_, at) => `e:${at}`));
  await world.queue.clear();
  await world.database.sql`update fraiseql.deliveries set state = 'discarded', ended_at = now()`;
  expect(await replayDeliveries(world, { ruleName: "rule" }, 3)).toHaveLength(3);
  expect(await replayDeliveries(world, {}, 1_000_000)).toHaveLength(count - 3);
  expect(await world.queue.counts()).toMatchObject({ available: count });
  expect(await cancelDeliveries(world, { ids: ["e:1:rule@1:0"] }, 1)).toEqual(["e:1:rule@1:0"]);
  expect(await cancelDeliveries(world, {}, 1_000_000)).toHaveLength(count - 1);
  expect(await world.queue.counts()).toMatchObject({ available: 0, cancelled: count });
  expect(await world.ledger.counts()).toMatchObject({ open: 0, cancelled: count });
});

test("a replay whose queue is away says what is left to do, and a rebuild does it", async () => {
  const [id = ""] = await world.add(["e:1"]);
  await world.queue.clear();
  await world.database.sql`update fraiseql.deliveries set state = 'discarded', ended_at = now()`;
  const queue = {
    ...world.queue,
    enqueue: () => Promise.reject(new FraiseqlError("QUEUE_UNAVAILABLE", "It is away.")),
  };
  await expect(replayDeliveries({ ...world, queue }, {}, 10)).rejects.toMatchObject({
    code: "QUEUE_UNAVAILABLE",
    message: "It is away. To be replayed, and not in the queue yet: 1. `fraiseql queue rebuild` puts them there.",
  });
  expect(await rebuildQueue(world, { clear: false })).toBe(1);
  expect(await world.queue.state(`${id}~1`)).toBe("available");
});

test("a permanent refusal is a dead letter at once; 410 disables the rule too, and so does onFailure", async () => {
  world.doing(({ id }) =>
    id.startsWith("gone")
      ? { kind: "disabled", reason: "410", facts: {} }
      : { kind: "permanent", reason: "400", facts: {} },
  );
  const [bad = "", gone = ""] = await world.add(["bad", "gone"]);
  const runner = world.run();
  await ended("discarded", bad);
  await ended("discarded", gone);
  expect(world.disabled).toEqual(["rule@1"]);
  const [strict = ""] = await world.add(["strict"], { onFailure: "disable-rule" });
  await ended("discarded", strict);
  await runner.stop();
  expect(world.disabled).toEqual(["rule@1", "rule@1"]);
  expect(world.inputs).toHaveLength(3);
});

test("a job whose workers were lost too often is a dead letter, and disables its rule where the rule wants it", async () => {
  const retry = { attemptsMax: 1, backoff: { kind: "fixed", delayMs: 1 }, jitter: 0 } as const;
  const [plain = ""] = await world.add(["plain"], { retry });
  const [strict = ""] = await world.add(["strict"], { retry, onFailure: "disable-rule" });
  // A worker that claims them and is never heard of again.
  expect(await world.queue.claim({ count: 2, leaseMs: 1 })).toHaveLength(2);
  const runner = world.run();
  await ended("discarded", plain);
  await ended("discarded", strict);
  await runner.stop();
  expect([world.disabled, world.inputs]).toEqual([["rule@1"], []]);
  expect(await world.attemptsOf(strict)).toEqual(["lost"]);
  const told = world.seen.flatMap((one) => (one.kind === "job-discarded" ? [one.jobId] : []));
  expect(told.toSorted()).toEqual([plain, strict]);
});

test("what is deferred uses up no attempt", async () => {
  let times = 0;
  world.doing(() => {
    times += 1;
    return times <= 5 ? { kind: "deferred", reason: "open breaker", retryAfterMs: 1 } : DONE;
  });
  const [id = ""] = await world.add(["e:1"]);
  const runner = world.run();
  await ended("done", id);
  await runner.stop();
  expect([times, await world.attemptsOf(id)]).toEqual([6, ["done"]]);
});

test("an attempt over its time is told to stop, and one that does not listen is left to itself", async () => {
  world.doing((input) => (input.id.startsWith("deaf") ? new Promise(() => {}) : stoppedBy(input)));
  const retry = { attemptsMax: 1, backoff: { kind: "fixed", delayMs: 1 }, jitter: 0 } as const;
  const ids = await world.add(["hears", "deaf"], { timeoutMs: 30, retry });
  const runner = world.run();
  for (const id of ids) await ended("discarded", id);
  await runner.stop();
  const { delivery } = (await world.ledger.delivery(ids[1] ?? "")) ?? {};
  expect(delivery?.lastError).toBe("The attempt took longer than 30 ms.");
});

test("never more attempts at the same time than the bound", async () => {
  const [go, four] = [promised(), promised()];
  let [now, most] = [0, 0];
  world.doing(async () => {
    now += 1;
    most = Math.max(most, now);
    if (now === 4) four.resolve();
    await go.promise;
    now -= 1;
    return DONE;
  });
  const ids = await world.add(Array.from({ length: 30 }, (_, at) => `e:${at}`));
  const runner = world.run({ concurrency: 4 });
  await four.promise;
  expect((await world.queue.counts()).running).toBe(4);
  go.resolve();
  for (const id of ids) await ended("done", id);
  await runner.stop();
  expect([most, world.inputs.length]).toEqual([4, 30]);
});

test("the signal stops the claims and waits for what has begun", async () => {
  const [begun, go] = [promised(), promised()];
  world.doing(async () => {
    begun.resolve();
    await go.promise;
    return DONE;
  });
  const [first = "", second = ""] = await world.add(["e:1", "e:2"]);
  const runner = world.run({ concurrency: 1 });
  await begun.promise;
  const stopped = runner.stop();
  go.resolve();
  await stopped;
  expect([await world.stateOf(first), await world.stateOf(second)]).toEqual(["done", "open"]);
  expect(await world.queue.counts()).toMatchObject({ completed: 1, available: 1, running: 0 });
});

test("what a stopping runner has to break off does not count, and is at once another's", async () => {
  const begun = promised();
  world.doing((input) => {
    begun.resolve();
    return input.attempt === 1 && world.inputs.length === 1 ? stoppedBy(input) : DONE;
  });
  const retry = { attemptsMax: 1, backoff: { kind: "fixed", delayMs: 1 }, jitter: 0 } as const;
  const [id = ""] = await world.add(["e:1"], { retry });
  const runner = world.run({ drainMs: 10 });
  await begun.promise;
  await runner.stop();
  expect([await world.stateOf(id), await world.attemptsOf(id)]).toEqual(["open", []]);
  const next = world.run();
  await ended("done", id);
  await next.stop();
  expect(await world.attemptsOf(id)).toEqual(["done"]);
});

test("who has lost the lease stops at once, and says nothing of the attempt", async () => {
  const told = promised<unknown>();
  world.doing((input) => {
    input.signal.addEventListener("abort", () => told.resolve(input.signal.reason));
    return stoppedBy(input);
  });
  const [id = ""] = await world.add(["e:1"]);
  const { queue } = world.parts;
  const runner = world.run(
    { leaseMs: 300, concurrency: 1 },
    { queue: { ...queue, extend: async (all) => all.map(() => false) } },
  );
  expect(String(await told.promise)).toContain("lease");
  world.doing(() => DONE);
  await ended("done", id);
  await runner.stop();
  expect(await world.attemptsOf(id)).toEqual(["done"]);
});

test("a queue that does not answer counts as a lease that is lost", async () => {
  const told = promised();
  world.doing((input) => {
    input.signal.addEventListener("abort", () => told.resolve());
    return stoppedBy(input);
  });
  await world.add(["e:1"]);
  const { queue } = world.parts;
  const runner = world.run(
    { leaseMs: 300, concurrency: 1 },
    { queue: { ...queue, extend: () => new Promise(() => {}) } },
  );
  await told.promise;
  world.doing(() => DONE);
  await runner.stop();
});

test("a ledger that is away when jobs are claimed uses up none of their attempts", async () => {
  const { ledger } = world.parts;
  let isAway = true;
  const asked = promised();
  const open: typeof ledger.open = (ids) => {
    if (!isAway) return ledger.open(ids);
    asked.resolve();
    return Promise.reject(new FraiseqlError("DATABASE_UNAVAILABLE", "away"));
  };
  const retry = { attemptsMax: 1, backoff: { kind: "fixed", delayMs: 1 }, jitter: 0 } as const;
  const [id = ""] = await world.add(["e:1"], { retry });
  const runner = world.run({ leaseMs: 60_000 }, { ledger: { ...ledger, open } });
  await asked.promise;
  isAway = false;
  await ended("done", id);
  await runner.stop();
});

test("a ledger that is away at the end is told again, and the attempt is not made twice", async () => {
  const { ledger } = world.parts;
  let fails = 3;
  const recordAttempts: typeof ledger.recordAttempts = async (all) => {
    fails -= 1;
    if (fails >= 0) throw new FraiseqlError("DATABASE_UNAVAILABLE", "away");
    await ledger.recordAttempts(all);
  };
  const [id = ""] = await world.add(["e:1"]);
  const runner = world.run({}, { ledger: { ...ledger, recordAttempts } });
  await ended("done", id);
  await runner.stop();
  expect(world.inputs).toHaveLength(1);
});

test("an answer with characters that PostgreSQL does not keep holds up nobody", async () => {
  world.doing(({ id }) =>
    id.startsWith("odd") ? { kind: "permanent", reason: "\0 \ud800", facts: { response: "a\0b\udc00" } } : DONE,
  );
  const [odd = "", good = ""] = await world.add(["odd", "good"]);
  const runner = world.run();
  await ended("discarded", odd);
  await ended("done", good);
  await runner.stop();
  expect((await world.ledger.delivery(odd))?.attempts[0]).toMatchObject({
    reason: "\ufffd \ufffd",
    facts: { response: "a\ufffdb\ufffd" },
  });
});

test("a payload that cannot be read is a dead letter, and its place is free again", async () => {
  const [id = "", good = ""] = await world.add(["bad", "good"]);
  await world.queue.clear();
  const { jobs } = await world.ledger.openJobs({ after: "", limit: 10 });
  await world.queue.enqueue(jobs.map((job) => (job.id === id ? { ...job, payload: "{" } : job)));
  const runner = world.run({ concurrency: 1 });
  await ended("discarded", id);
  await ended("done", good);
  await runner.stop();
});

test("what a worker is at when the queue is rebuilt is not begun again by it, and ends as ever", async () => {
  const [begun, answer, extended] = [promised(), promised(), promised()];
  const { queue } = world;
  const held: boolean[] = [];
  world.doing(async () => {
    begun.resolve();
    await answer.promise;
    return DONE;
  });
  const [id = ""] = await world.add(["e:1"]);
  const extend: typeof queue.extend = async (...args) => {
    held.push(...(await queue.extend(...args)));
    extended.resolve();
    return held.slice(-1);
  };
  const runner = world.run({ leaseMs: 3_000 }, { queue: { ...queue, extend } });
  await begun.promise;
  await rebuildQueue(world, { clear: true });
  await seen("that it is claimed again", async () => (await queue.state(id)) === "running");
  await extended.promise;
  answer.resolve();
  await seen("its end", async () => (await queue.state(id)) === "completed");
  await runner.stop();
  expect([held, await world.attemptsOf(id), world.inputs.length]).toEqual([[true], ["done"], 1]);
});

test("a rebuilt queue holds what is open, and does nothing twice", async () => {
  const [first = "", second = ""] = await world.add(["e:1", "e:2"]);
  await cancelDeliveries(world, { ids: [second] }, 1);
  const [third = ""] = await world.add(["e:3"]);
  const runner = world.run();
  await ended("done", first);
  await ended("done", third);
  expect(await rebuildQueue(world, { clear: true })).toBe(0);
  // An old copy of the queue may hold what is done: the ledger is asked before anything is attempted.
  const [again] = await world.add(["e:4"]);
  await ended("done", again ?? "");
  const old = await world.database.sql<
    { job: never; id: string }[]
  >`select job, id from fraiseql.deliveries where id = ${first}`;
  await world.queue.clear();
  await world.queue.enqueue(old.map(({ job, id }) => ({ ...(job as object), id }) as never));
  await seen("that it is cancelled", async () => (await world.queue.state(first)) === "cancelled");
  await runner.stop();
  expect(world.inputs.map(({ id }) => id).toSorted()).toEqual([again ?? "", first, third].toSorted());
});
