/** One seeded life of a queue: workers that work, fail, stall and die, and a clock that jumps. */

import { strict as assert } from "node:assert";
import type { Job } from "../../../src/core/jobs/job.ts";
import { isEnded } from "../../../src/core/jobs/job-moves.ts";
import type { ClaimedJob, JobOutcome, JobQueue } from "../../../src/ports/job-queue.ts";
import { seeded } from "../../support/seeded.ts";
import { QueueModel } from "./model.ts";

export type Clock = { now: number };

const STEPS = 60;
const LEASE_MS = 1_000;

/**
 * Does random things to the queue and the same to a model, and compares all that can be seen after each; in the end
 * lets honest workers finish what is open.
 *
 * @param queues several views of one empty queue
 */
export async function live(seed: number, queues: readonly JobQueue[], clock: Clock): Promise<void> {
  const random = seeded(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  const one = <T>(items: readonly T[]): T => items[below(items.length)] as T;
  const model = new QueueModel();
  /** Every claim there ever was: a worker that died says nothing more, one that stalled says it too late. */
  const claims: ClaimedJob[] = [];

  const newJob = (): Job => ({
    id: `job-${below(25)}`,
    org: one(["a", "b", "ö\n"]),
    ...(below(3) === 0 ? { uniqueKey: `key-${below(3)}` } : {}),
    ...(below(4) === 0 ? { notBefore: clock.now + below(2_000) - 500 } : {}),
    retry: { attemptsMax: 1 + below(4), backoff: { kind: "fixed", delayMs: 100 }, jitter: 0 },
    timeoutMs: 1_000,
    payload: `payload ${below(1_000)}`,
  });
  /** As job runners do it, no retry is asked for after the last attempt. */
  const outcome = ({ attempt, job }: ClaimedJob): JobOutcome => {
    const delayMs = below(1_500);
    return one([
      { kind: "complete" },
      attempt < job.retry.attemptsMax ? { kind: "retry", delayMs } : { kind: "discard" },
      { kind: "snooze", delayMs },
      { kind: "cancel" },
      { kind: "discard" },
    ] as const);
  };
  const claim = async (queue: JobQueue, count: number) => {
    const claimed = await queue.claim({ count, leaseMs: LEASE_MS });
    model.claimed(claimed, count, clock.now, LEASE_MS);
    claims.push(...claimed);
    return claimed;
  };
  const steps: Readonly<Record<string, (queue: JobQueue) => Promise<void>>> = {
    enqueue: async (queue) => {
      const jobs = Array.from({ length: 1 + below(4) }, newJob);
      const added = model.enqueue(jobs, clock.now);
      assert.deepEqual((await queue.enqueue(jobs)).toSorted(), added.toSorted());
    },
    claim: async (queue) => {
      await claim(queue, 1 + below(6));
    },
    end: async (queue) => {
      if (claims.length === 0) return;
      const told = new Map(
        Array.from({ length: 1 + below(3) }, () => one(claims.slice(-12))).map((c) => [c.job.id, c]),
      );
      const ended = [...told.values()].map((claim) => ({
        id: claim.job.id,
        token: claim.token,
        outcome: outcome(claim),
      }));
      // What was ended already would be told that it held, which is promised only right after.
      const fresh = ended.filter(({ id, token }) => !endedBefore.has(`${id} ${token}`));
      const expected = fresh.map((end) => model.end(end.id, end.token, end.outcome, clock.now));
      assert.deepEqual(await queue.end(fresh), expected);
      // Said again at once, as after a lost answer: the same answer, and nothing changes.
      if (below(3) === 0) assert.deepEqual(await queue.end(fresh), expected);
      for (const { id, token } of fresh.filter((_, n) => expected[n])) endedBefore.add(`${id} ${token}`);
    },
    extend: async (queue) => {
      if (claims.length === 0) return;
      const { job, token } = one(claims.slice(-12));
      const expected = model.extend(job.id, token, clock.now + LEASE_MS);
      assert.deepEqual(await queue.extend([{ id: job.id, token }], LEASE_MS), [expected]);
    },
    cancel: async (queue) => {
      const id = `job-${below(25)}`;
      assert.equal(await queue.cancel(id), model.cancel(id));
    },
    wait: async () => {
      clock.now += one([1, 100, 500, 999, 1_000, 5_000]);
    },
    "step back": async () => {
      clock.now -= below(800);
    },
    "take abandoned": async (queue) => {
      const told = (await queue.abandoned(2)).map(({ id }) => id);
      for (const id of told) assert(model.abandoned().includes(id), `${id} was not abandoned`);
      await queue.takeAbandoned(told);
      for (const id of told) Object.assign(model.jobs.get(id) ?? {}, { abandoned: false });
    },
  };
  const endedBefore = new Set<string>();
  const names = ["enqueue", "claim", "end", "wait", ...Object.keys(steps), "enqueue", "claim", "end"];
  const compare = async (queue: JobQueue) => {
    assert.deepEqual(await queue.counts(), model.counts());
    assert.equal(await queue.nextDue(), model.nextDue(clock.now));
  };

  const done: string[] = [];
  try {
    for (let n = 0; n < STEPS; n += 1) {
      const name = one(names);
      done.push(name);
      await steps[name]?.(one(queues));
      await compare(one(queues));
    }
    done.push("finish");
    for (let turns = 0; ; turns += 1) {
      const queue = one(queues);
      const due = await queue.nextDue();
      if (due === undefined) break;
      assert(turns < 200, "jobs are open that nobody gets");
      clock.now += due;
      const ended = (await claim(queue, 10)).map(({ job: { id }, token }) => ({
        id,
        token,
        outcome: { kind: "complete" } as const,
      }));
      for (const { id, token, outcome } of ended) model.end(id, token, outcome, clock.now);
      await queue.end(ended);
      await compare(queue);
    }
    for (const [id, { state }] of model.jobs) {
      assert.equal(await one(queues).state(id), state);
      assert(isEnded(state), `${id} is ${state} for ever`);
    }
    const told = (await one(queues).abandoned(100)).map(({ id }) => id);
    assert.deepEqual(told.toSorted(), model.abandoned().toSorted());
  } catch (error) {
    throw new Error(`seed ${seed}, after ${done.join(", ")}`, { cause: error });
  }
}
