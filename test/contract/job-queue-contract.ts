/** What every `JobQueue` has to do. The clock is the test's, so nothing waits. */
import { strict as assert } from "node:assert";
import type { Job } from "../../src/core/jobs/job.ts";
import type { ClaimedJob, JobOutcome, JobQueue } from "../../src/ports/job-queue.ts";

export type QueueWorld = {
  /** Another worker's or server's view of the one queue. */
  open(): JobQueue;
  /** Lets time pass, in milliseconds. */
  advance(milliseconds: number): void;
  now(): number;
};

/** Promises by their sentences; each is kept in an empty queue and throws where it is broken. */
export const JOB_QUEUE_CONTRACT: Readonly<Record<string, (world: QueueWorld) => Promise<void>>> = {
  "a job comes out as it went in": async ({ open }) => {
    const given: Job = {
      id: 'é"\n{"}',
      org: "Ørsted\n'--",
      uniqueKey: 'key "1"\n2',
      notBefore: 1_000,
      retry: { attemptsMax: 7, backoff: { kind: "schedule", delaysMs: [5_000, 300_000] }, jitter: 0.25 },
      timeoutMs: 15_000,
      payload: '{"text":"line\\n\u2028 😀 %s $1"}\n',
    };
    const plain = job("plain", { payload: "" });
    const exponential = { kind: "exponential", delayMs: 100, factor: 1.5, maxMs: 60_000 } as const;
    const others = [
      job("fixed", { retry: { attemptsMax: 1, backoff: { kind: "fixed", delayMs: 0 }, jitter: 0 } }),
      job("linear", { retry: { attemptsMax: 2, backoff: { kind: "linear", delayMs: 10, maxMs: 90 }, jitter: 1 } }),
      job("exponential", { retry: { attemptsMax: 3, backoff: exponential, jitter: 0.1 } }),
    ];
    const queue = open();
    const jobs = [given, plain, ...others];
    assert.deepEqual(
      await queue.enqueue(jobs),
      jobs.map(({ id }) => id),
    );
    const claimed = await open().claim({ count: 10, leaseMs: 1_000 });
    const byId = (all: readonly Job[]) => all.toSorted((a, b) => (a.id < b.id ? -1 : 1));
    assert.deepEqual(byId(claimed.map((one) => one.job)), byId(jobs));
    assert.deepEqual(new Set(claimed.map(({ attempt }) => attempt)), new Set([1]));
  },

  "jobs of one org come out in the order they went in": async ({ open }) => {
    const queue = open();
    await queue.enqueue([job("a"), job("b")]);
    await queue.enqueue([job("c")]);
    assert.deepEqual(ids(await queue.claim({ count: 2, leaseMs: 1_000 })), ["a", "b"]);
    assert.deepEqual(ids(await queue.claim({ count: 2, leaseMs: 1_000 })), ["c"]);
    assert.deepEqual(await queue.claim({ count: 2, leaseMs: 1_000 }), []);
  },

  "a known id changes nothing, while the job is open and after": async ({ open }) => {
    const queue = open();
    assert.deepEqual(await queue.enqueue([job("a"), job("a"), job("b")]), ["a", "b"]);
    assert.deepEqual(await queue.enqueue([job("b"), job("c")]), ["c"]);
    const claimed = await queue.claim({ count: 10, leaseMs: 1_000 });
    assert.deepEqual(await queue.enqueue([job("a")]), []);
    await endAll(queue, claimed, { kind: "complete" });
    assert.deepEqual(await queue.enqueue([job("a"), job("b"), job("c")]), []);
    assert.deepEqual(await queue.claim({ count: 10, leaseMs: 1_000 }), []);
  },

  "a unique key is taken until its job ends, within one org": async ({ open }) => {
    const queue = open();
    const taken = [job("a", { uniqueKey: "k" }), job("b", { uniqueKey: "k" })];
    assert.deepEqual(await queue.enqueue(taken), ["a"]);
    assert.deepEqual(await queue.enqueue([job("other", { uniqueKey: "k", org: "other" })]), ["other"]);
    const claimed = await queue.claim({ count: 10, leaseMs: 1_000 });
    assert.deepEqual(await queue.enqueue([job("c", { uniqueKey: "k" })]), []);
    await endAll(queue, claimed, { kind: "retry", delayMs: 0 });
    assert.deepEqual(await queue.enqueue([job("c", { uniqueKey: "k" })]), []);
    await endAll(queue, await queue.claim({ count: 10, leaseMs: 1_000 }), { kind: "complete" });
    assert.deepEqual(await queue.enqueue([job("d", { uniqueKey: "k" })]), ["d"]);
    assert.equal(await queue.cancel("d"), true);
    assert.deepEqual(await queue.enqueue([job("e", { uniqueKey: "k" })]), ["e"]);
  },

  "a job is not given before its time": async ({ open, advance, now }) => {
    const queue = open();
    await queue.enqueue([job("later", { notBefore: now() + 500 })]);
    assert.equal(await queue.state("later"), "scheduled");
    assert.equal(await queue.nextDue(), 500);
    assert.deepEqual(await queue.claim({ count: 1, leaseMs: 1_000 }), []);
    advance(499);
    assert.deepEqual(await queue.claim({ count: 1, leaseMs: 1_000 }), []);
    advance(1);
    assert.equal(await queue.nextDue(), 0);
    assert.deepEqual(ids(await queue.claim({ count: 1, leaseMs: 1_000 })), ["later"]);
  },

  "each outcome leads to its state": async ({ open }) => {
    const queue = open();
    const outcomes: [JobOutcome, string][] = [
      [{ kind: "complete" }, "completed"],
      [{ kind: "retry", delayMs: 10 }, "retryable"],
      [{ kind: "snooze", delayMs: 10 }, "scheduled"],
      [{ kind: "cancel" }, "cancelled"],
      [{ kind: "discard" }, "discarded"],
    ];
    await queue.enqueue([...outcomes.map(([{ kind }]) => job(kind)), job("waits")]);
    const claimed = await queue.claim({ count: 5, leaseMs: 1_000 });
    assert.equal(await queue.state("complete"), "running");
    assert.equal(await queue.state("waits"), "available");
    const ended = claimed.map(({ job: { id }, token }) => ({
      id,
      token,
      outcome: outcomes.find(([{ kind }]) => kind === id)?.[0] ?? { kind: "complete" as const },
    }));
    assert.deepEqual(await queue.end(ended), [true, true, true, true, true]);
    for (const [{ kind }, state] of outcomes) assert.equal(await queue.state(kind), state);
    assert.equal(await queue.state("unknown"), undefined);
    const one = { available: 1, completed: 1, scheduled: 1, retryable: 1, cancelled: 1, discarded: 1 };
    assert.deepEqual(await queue.counts(), { ...one, running: 0 });
  },

  "a retry counts as an attempt and a snooze does not": async ({ open, advance }) => {
    const queue = open();
    await queue.enqueue([job("a")]);
    const attempts: number[] = [];
    for (const kind of ["retry", "snooze", "snooze", "retry", "retry"] as const) {
      const claimed = await queue.claim({ count: 1, leaseMs: 1_000 });
      attempts.push(...claimed.map(({ attempt }) => attempt));
      await endAll(queue, claimed, { kind, delayMs: 100 });
      assert.equal(await queue.nextDue(), 100);
      assert.deepEqual(await queue.claim({ count: 1, leaseMs: 1_000 }), []);
      advance(100);
    }
    assert.deepEqual(attempts, [1, 2, 2, 2, 3]);
  },

  "an end that is said twice happens once, and both are told that it held": async ({ open, advance }) => {
    const queue = open();
    await queue.enqueue([job("a"), job("b"), job("c")]);
    const [a, b, c] = await queue.claim({ count: 3, leaseMs: 1_000 });
    assert(a && b && c);
    const told = [
      { id: "a", token: a.token, outcome: { kind: "complete" } },
      { id: "b", token: b.token, outcome: { kind: "retry", delayMs: 100 } },
      { id: "c", token: c.token, outcome: { kind: "discard" } },
    ] as const;
    assert.deepEqual(await queue.end(told), [true, true, true]);
    advance(50);
    assert.deepEqual(await queue.end(told), [true, true, true]);
    assert.equal(await queue.nextDue(), 50);
    assert.equal((await queue.counts()).retryable, 1);
    advance(50);
    const again = await queue.claim({ count: 3, leaseMs: 1_000 });
    assert.deepEqual(
      again.map(({ job: { id }, attempt }) => [id, attempt]),
      [["b", 2]],
    );
  },

  "a lost lease gives the job to another worker, and the late one is refused": async ({ open, advance }) => {
    const [first, second] = [open(), open()];
    await first.enqueue([job("a")]);
    const [lost] = await first.claim({ count: 1, leaseMs: 1_000 });
    assert(lost);
    assert.equal(await second.nextDue(), 1_000);
    advance(999);
    assert.deepEqual(await second.claim({ count: 1, leaseMs: 1_000 }), []);
    advance(1);
    const [taken] = await second.claim({ count: 1, leaseMs: 1_000 });
    assert(taken);
    assert.equal(taken.attempt, 2);
    assert.notEqual(taken.token, lost.token);
    assert.deepEqual(await first.extend([{ id: "a", token: lost.token }], 1_000), [false]);
    assert.deepEqual(await endAll(first, [lost], { kind: "complete" }), [false]);
    assert.equal(await first.state("a"), "running");
    assert.deepEqual(await endAll(second, [taken], { kind: "complete" }), [true]);
    assert.equal(await first.state("a"), "completed");
  },

  "a lease lasts as long as it is extended": async ({ open, advance }) => {
    const queue = open();
    await queue.enqueue([job("a")]);
    const [claimed] = await queue.claim({ count: 1, leaseMs: 1_000 });
    assert(claimed);
    for (let times = 0; times < 3; times += 1) {
      advance(900);
      assert.deepEqual(await queue.extend([{ id: "a", token: claimed.token }], 1_000), [true]);
      assert.deepEqual(await queue.claim({ count: 1, leaseMs: 1_000 }), []);
    }
    assert.deepEqual(await endAll(queue, [claimed], { kind: "complete" }), [true]);
    assert.deepEqual(await queue.extend([{ id: "a", token: claimed.token }], 1_000), [false]);
  },

  "a worker lost at the last attempt abandons the job, which is told until it is taken": async ({ open, advance }) => {
    const queue = open();
    const retry = { attemptsMax: 2, backoff: { kind: "fixed", delayMs: 0 }, jitter: 0 } as const;
    const given = job("a", { retry, uniqueKey: "k" });
    await queue.enqueue([given]);
    await queue.claim({ count: 1, leaseMs: 1_000 });
    advance(1_000);
    const [last] = await queue.claim({ count: 1, leaseMs: 1_000 });
    assert(last);
    assert.equal(last.attempt, 2);
    assert.deepEqual(await queue.abandoned(10), []);
    advance(1_000);
    assert.deepEqual(await queue.claim({ count: 1, leaseMs: 1_000 }), []);
    assert.equal(await queue.state("a"), "discarded");
    assert.deepEqual(await endAll(queue, [last], { kind: "complete" }), [false]);
    assert.deepEqual(await queue.abandoned(10), [given]);
    assert.deepEqual(await queue.abandoned(10), [given]);
    await queue.takeAbandoned(["a"]);
    await queue.takeAbandoned(["a"]);
    assert.deepEqual(await queue.abandoned(10), []);
    assert.equal(await queue.state("a"), "discarded");
    assert.deepEqual(await queue.enqueue([job("a"), job("b", { uniqueKey: "k" })]), ["b"]);
  },

  "a waiting job can be cancelled, a running one not": async ({ open, now }) => {
    const queue = open();
    await queue.enqueue([job("runs"), job("waits"), job("later", { notBefore: now() + 1_000 })]);
    const claimed = await queue.claim({ count: 1, leaseMs: 1_000 });
    assert.deepEqual(ids(claimed), ["runs"]);
    assert.equal(await queue.cancel("runs"), false);
    for (const id of ["waits", "later", "waits"]) assert.equal(await queue.cancel(id), true);
    assert.equal(await queue.cancel("unknown"), false);
    assert.equal(await queue.state("waits"), "cancelled");
    assert.deepEqual(await queue.claim({ count: 10, leaseMs: 1_000 }), []);
    await endAll(queue, claimed, { kind: "retry", delayMs: 1_000 });
    assert.equal(await queue.cancel("runs"), true);
    assert.equal(await queue.nextDue(), undefined);
    assert.deepEqual((await queue.counts()).cancelled, 3);
  },

  "an org with little waits for no org with much": async ({ open }) => {
    const queue = open();
    await queue.enqueue(many(400, "large", "large"));
    assert.equal((await queue.claim({ count: 20, leaseMs: 60_000 })).length, 20);
    for (let org = 0; org < 5; org += 1) await queue.enqueue(many(10, `small${org}`, `small${org}`));
    let [claims, small] = [0, 0];
    while (small < 50) {
      const claimed = await queue.claim({ count: 1, leaseMs: 60_000 });
      assert.equal(claimed.length, 1);
      claims += 1;
      small += claimed.filter(({ job: { org } }) => org !== "large").length;
    }
    // Turn by turn, six orgs take 60.
    assert(claims <= 66, `50 jobs of small orgs took ${claims} claims`);
    const rest = await queue.claim({ count: 100, leaseMs: 60_000 });
    assert.equal(rest.length, 100);
  },

  "orgs that are always busy get equal shares": async ({ open }) => {
    const queue = open();
    for (const org of ["a", "b", "c"]) await queue.enqueue(many(200, org, org));
    const shares = new Map<string, number>();
    for (let turn = 0; turn < 30; turn += 1) {
      for (const {
        job: { org },
      } of await queue.claim({ count: 10, leaseMs: 60_000 })) {
        shares.set(org, (shares.get(org) ?? 0) + 1);
      }
    }
    for (const share of shares.values()) assert(Math.abs(share - 100) <= 10, `shares ${[...shares.values()]}`);
  },

  "coming with one job at a time earns no more than a fair share": async ({ open }) => {
    const queue = open();
    for (const org of ["a", "b", "c"]) await queue.enqueue(many(100, org, org));
    let trickled = 0;
    for (let turn = 0; turn < 120; turn += 1) {
      await queue.enqueue([job(`trickle-${turn}`, { org: "trickle", uniqueKey: "one" })]);
      const claimed = await queue.claim({ count: 1, leaseMs: 60_000 });
      const own = claimed.filter(({ job: { org } }) => org === "trickle");
      trickled += own.length;
      await endAll(queue, own, { kind: "complete" });
    }
    assert(trickled <= 36, `${trickled} of 120 claims went to one of four orgs`);
  },

  "having been idle earns nothing, for a new org and for one that was there before": async ({ open }) => {
    const queue = open();
    await queue.enqueue([...many(300, "a", "a"), ...many(300, "b", "b"), job("c", { org: "idle" })]);
    for (let turn = 0; turn < 20; turn += 1) await queue.claim({ count: 10, leaseMs: 60_000 });
    await queue.enqueue([...many(100, "idle", "idle"), ...many(100, "new", "new")]);
    const shares = new Map<string, number>();
    for (let turn = 0; turn < 40; turn += 1) {
      for (const one of await queue.claim({ count: 2, leaseMs: 60_000 })) {
        shares.set(one.job.org, (shares.get(one.job.org) ?? 0) + 1);
      }
    }
    for (const org of ["a", "b", "idle", "new"]) {
      assert(Math.abs((shares.get(org) ?? 0) - 20) <= 5, `shares ${[...shares]}`);
    }
  },

  "no job is given to two workers at the same time": async ({ open }) => {
    const queues = [open(), open(), open(), open()];
    await queues[0]?.enqueue(many(300, "j", "one").map((one, n) => ({ ...one, org: `org${n % 7}` })));
    const seen: string[] = [];
    await Promise.all(
      queues.map(async (queue) => {
        for (let empty = 0; empty < 3; ) {
          const claimed = await queue.claim({ count: 7, leaseMs: 60_000 });
          seen.push(...ids(claimed));
          empty = claimed.length === 0 ? empty + 1 : 0;
          await endAll(queue, claimed, { kind: "complete" });
        }
      }),
    );
    assert.equal(seen.length, 300);
    assert.equal(new Set(seen).size, 300);
  },

  "many are enqueued, claimed and ended in one call each": async ({ open }) => {
    const queue = open();
    assert.equal((await queue.enqueue(many(2_500, "j", "org"))).length, 2_500);
    const claimed = await queue.claim({ count: 1_000, leaseMs: 60_000 });
    assert.equal(claimed.length, 1_000);
    const held = await queue.extend(
      claimed.map(({ job: { id }, token }) => ({ id, token })),
      60_000,
    );
    assert.equal(held.filter((one) => one).length, 1_000);
    assert.equal((await endAll(queue, claimed, { kind: "complete" })).filter((one) => one).length, 1_000);
    assert.equal((await queue.counts()).available, 1_500);
  },

  "whether jobs are taken can be asked, and leaves nothing behind": async ({ open }) => {
    const queue = open();
    await queue.trial();
    await queue.enqueue([job("a")]);
    await queue.trial();
    assert.equal(await queue.nextDue(), 0);
    assert.deepEqual(ids(await queue.claim({ count: 10, leaseMs: 1_000 })), ["a"]);
    assert.equal((await queue.counts()).available, 0);
  },

  "nothing in is nothing out": async ({ open }) => {
    const queue = open();
    assert.deepEqual(await queue.enqueue([]), []);
    assert.deepEqual(await queue.claim({ count: 0, leaseMs: 1_000 }), []);
    assert.deepEqual(await queue.end([]), []);
    assert.deepEqual(await queue.extend([], 1_000), []);
    assert.equal(await queue.nextDue(), undefined);
  },

  "what is too long is refused": async ({ open }) => {
    const queue = open();
    await assert.rejects(queue.enqueue([job("a"), job("b", { payload: "x".repeat(1_048_577) })]), {
      code: "PAYLOAD_TOO_LARGE",
    });
    await assert.rejects(queue.enqueue([job("x".repeat(501))]), { code: "INTERNAL_ERROR" });
    assert.equal((await queue.counts()).available, 0);
  },

  "clear forgets everything": async ({ open, now }) => {
    const queue = open();
    await queue.enqueue([job("a", { uniqueKey: "k" }), job("b"), job("later", { notBefore: now() + 1_000 })]);
    await endAll(queue, await queue.claim({ count: 1, leaseMs: 1_000 }), { kind: "complete" });
    const [running] = await queue.claim({ count: 1, leaseMs: 1_000 });
    assert(running);
    await queue.clear();
    assert.equal(
      Object.values(await queue.counts()).reduce((sum, n) => sum + n, 0),
      0,
    );
    assert.equal(await queue.nextDue(), undefined);
    assert.deepEqual(await endAll(queue, [running], { kind: "complete" }), [false]);
    assert.deepEqual(await queue.enqueue([job("a", { uniqueKey: "k" })]), ["a"]);
  },
};

/** A job of org `org` that may be tried five times. */
export function job(id: string, over: Partial<Job> = {}): Job {
  const retry = { attemptsMax: 5, backoff: { kind: "fixed", delayMs: 1_000 }, jitter: 0 } as const;
  return { id, org: "org", retry, timeoutMs: 10_000, payload: `{"job":${JSON.stringify(id)}}`, ...over };
}

export function many(count: number, prefix: string, org: string): Job[] {
  return Array.from({ length: count }, (_, n) => job(`${prefix}-${n}`, { org }));
}

export const ids = (claimed: readonly ClaimedJob[]): string[] => claimed.map(({ job: { id } }) => id);

export function endAll(
  queue: JobQueue,
  claimed: readonly ClaimedJob[],
  outcome: JobOutcome,
): Promise<readonly boolean[]> {
  return queue.end(claimed.map(({ job: { id }, token }) => ({ id, token, outcome })));
}
