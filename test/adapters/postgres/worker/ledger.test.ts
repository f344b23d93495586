import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { openLedger } from "../../../../src/adapters/postgres/ledger/ledger.ts";
import type { Job } from "../../../../src/core/jobs/job.ts";
import { deliveryId } from "../../../../src/core/jobs/job-id.ts";
import type { Attempt, Decided, EndedAttempt, Ledger } from "../../../../src/ports/ledger.ts";
import { type MigratedDatabase, migratedDatabase } from "../../../support/migrated.ts";

let database: MigratedDatabase;
let ledger: Ledger;
beforeAll(async () => {
  database = await migratedDatabase("ledger");
  ledger = openLedger(database.sql);
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database.sql`truncate fraiseql.decided_events, fraiseql.deliveries, fraiseql.attempts`;
});

const jobOf = (id: string, org = ""): Job => ({
  id,
  org,
  retry: { attemptsMax: 3, backoff: { kind: "fixed", delayMs: 10 }, jitter: 0 },
  timeoutMs: 1_000,
  payload: `{"text": "ünïcode \\u0000 ' \\" stays"}`,
});

function decided(eventId: string, ruleName = "shipped", org = ""): Decided {
  const id = deliveryId({ eventId, ruleName, ruleVersion: 1, actionIndex: 0 });
  return {
    eventId,
    rulesVersion: 7,
    matched: [{ name: ruleName, version: 1 }],
    deliveries: [{ job: jobOf(id, org), ruleName, ruleVersion: 1, actionIndex: 0, actionKind: "log" }],
  };
}

function ended(
  jobId: string,
  attempt: number,
  outcome: Attempt["outcome"],
  more: Partial<EndedAttempt> = {},
): EndedAttempt {
  const startedAt = new Date(1_790_000_000_000 + attempt * 1_000).toISOString();
  const reason = outcome === "done" ? {} : { reason: `receiver said ${outcome}` };
  return {
    jobId,
    attempt: { attempt, startedAt, durationMs: 12.5, outcome, facts: { status: 500 }, ...reason },
    ...more,
  };
}

test("an event is decided once: later decisions change nothing, and give the jobs that are still open", async () => {
  const first = await ledger.decide([decided("e:1"), decided("e:2")]);
  expect(first.map(({ id }) => id).toSorted()).toEqual(["e:1:shipped@1:0", "e:2:shipped@1:0"]);
  expect(first[0]).toEqual(jobOf(first[0]!.id));
  await ledger.recordAttempts([ended("e:2:shipped@1:0", 1, "done", { ended: "done" })]);
  const again = await ledger.decide([decided("e:1", "other"), decided("e:2", "other"), decided("e:3")]);
  expect(again.map(({ id }) => id).toSorted()).toEqual(["e:1:shipped@1:0", "e:3:shipped@1:0"]);
  expect(await ledger.decidedEvent("e:1")).toMatchObject({
    rulesVersion: 7,
    matched: [{ name: "shipped", version: 1 }],
  });
});

test("jobs come in the order of the rules and their actions, also those that are given again", async () => {
  const [one, two] = ["e:1", "e:2"].map((eventId): Decided => {
    const deliveries = ["high", "low", "a-lower"].flatMap((ruleName) =>
      [0, 1].map((actionIndex) => {
        const id = deliveryId({ eventId, ruleName, ruleVersion: 1, actionIndex });
        return { job: jobOf(id), ruleName, ruleVersion: 1, actionIndex, actionKind: "log" };
      }),
    );
    return { ...decided(eventId), deliveries };
  });
  const wanted = [one, two].flatMap((each) => each!.deliveries.map(({ job }) => job.id));
  expect((await ledger.decide([one!, two!])).map(({ id }) => id)).toEqual(wanted);
  expect((await ledger.decide([two!, one!])).map(({ id }) => id)).toEqual(wanted);
  const rows = await database.sql`select id from fraiseql.deliveries order by sequence`;
  expect(rows.map(({ id }) => id)).toEqual(wanted);
});

test("an event that comes twice in one batch has one delivery", async () => {
  expect(await ledger.decide([decided("e:1"), decided("e:1")])).toHaveLength(1);
});

test("an event without a match is decided too, and has no job", async () => {
  expect(await ledger.decide([{ eventId: "e:9", rulesVersion: 3, matched: [], deliveries: [] }])).toEqual([]);
  expect(await ledger.decidedEvent("e:9")).toMatchObject({ rulesVersion: 3, matched: [] });
});

test("attempts are counted, recorded once, and close the delivery", async () => {
  const [job] = await ledger.decide([decided("e:1")]);
  expect(await ledger.open([job!.id, "unknown"])).toEqual([{ attempts: 0, roundAttempts: 0 }, undefined]);
  const retried = ended(job!.id, 1, "retryable");
  await ledger.recordAttempts([retried]);
  await ledger.recordAttempts([retried]);
  expect(await ledger.open([job!.id])).toEqual([{ attempts: 1, roundAttempts: 1 }]);
  await ledger.recordAttempts([ended(job!.id, 2, "done", { ended: "done" })]);
  expect(await ledger.open([job!.id])).toEqual([undefined]);
  const found = await ledger.delivery(job!.id);
  expect(found?.delivery).toMatchObject({ state: "done", attempts: 2, lastError: "receiver said retryable" });
  expect(found?.attempts.map(({ attempt, outcome }) => [attempt, outcome])).toEqual([
    [1, "retryable"],
    [2, "done"],
  ]);
  expect(found?.attempts[0]).toMatchObject({
    startedAt: "2026-09-21T14:13:21.000000Z",
    durationMs: 12.5,
    facts: { status: 500 },
  });
});

test("what is ended stays ended: a late worker's attempt changes nothing", async () => {
  const [job] = await ledger.decide([decided("e:1")]);
  await ledger.cancel({ ids: [job!.id] }, 10);
  await ledger.recordAttempts([ended(job!.id, 1, "done", { ended: "done" })]);
  expect((await ledger.delivery(job!.id))?.delivery).toMatchObject({ state: "cancelled", attempts: 0 });
});

test("a replay opens dead letters in a new round under another job id, and the old round is over", async () => {
  const [job] = await ledger.decide([decided("e:1")]);
  await ledger.recordAttempts([ended(job!.id, 1, "permanent", { ended: "discarded" })]);
  expect(await ledger.replay({ ruleName: "another" }, { limit: 10 })).toEqual([]);
  const [again] = await ledger.replay({ error: "permanent" }, { limit: 10 });
  expect(again).toEqual({ ...jobOf(job!.id), id: `${job!.id}~1` });
  expect(await ledger.replay({}, { limit: 10 })).toEqual([]);
  expect(await ledger.open([job!.id, again!.id])).toEqual([undefined, { attempts: 1, roundAttempts: 0 }]);
  await ledger.recordAttempts([ended(again!.id, 2, "done", { ended: "done" })]);
  expect((await ledger.delivery(job!.id))?.delivery).toMatchObject({ state: "done", round: 1, attempts: 2 });
});

test("dead letters are replayed page by page, the oldest first, and one that failed again meanwhile does not come twice", async () => {
  await ledger.decide(Array.from({ length: 5 }, (_, at) => decided(`e:${at}`)));
  const dead = (id: string, attempt: number) => ended(id, attempt, "permanent", { ended: "discarded" });
  await ledger.recordAttempts(Array.from({ length: 5 }, (_, at) => dead(`e:${at}:shipped@1:0`, 1)));
  const first = await ledger.replay({}, { limit: 2 });
  await ledger.recordAttempts(first.map(({ id }) => dead(id, 2)));
  const second = await ledger.replay({}, { limit: 10, after: "e:1:shipped@1:0" });
  expect([...first, ...second].map(({ id }) => id)).toEqual([0, 1, 2, 3, 4].map((at) => `e:${at}:shipped@1:0~1`));
});

test("all that is open comes back page by page, in order, with the time it is due", async () => {
  await ledger.decide(Array.from({ length: 5 }, (_, at) => decided(`e:${at}`)));
  const due = ended("e:1:shipped@1:0", 1, "retryable");
  await ledger.recordAttempts([
    { ...due, attempt: { ...due.attempt, nextAt: "2030-01-01T00:00:00.000Z" } },
    ended("e:2:shipped@1:0", 1, "permanent", { ended: "discarded" }),
  ]);
  const first = await ledger.openJobs({ after: "", limit: 2 });
  const second = await ledger.openJobs({ after: first.after, limit: 10 });
  expect([...first.jobs, ...second.jobs].map(({ id, notBefore }) => [id, notBefore])).toEqual([
    ["e:0:shipped@1:0", undefined],
    ["e:1:shipped@1:0", Date.parse("2030-01-01T00:00:00Z")],
    ["e:3:shipped@1:0", undefined],
    ["e:4:shipped@1:0", undefined],
  ]);
  expect((await ledger.openJobs({ after: second.after, limit: 10 })).jobs).toEqual([]);
});

test("deliveries are listed by what is asked for, the newest first, page by page", async () => {
  await ledger.decide([decided("e:1", "a", "acme"), decided("e:2", "b", "acme"), decided("e:3", "a", "zeta")]);
  const ids = async (...args: Parameters<Ledger["deliveries"]>) =>
    (await ledger.deliveries(...args)).map(({ eventId }) => eventId);
  expect(await ids({}, { limit: 2 })).toEqual(["e:3", "e:2"]);
  expect(await ids({}, { limit: 2, after: "e:2:b@1:0" })).toEqual(["e:1"]);
  expect(await ids({}, { limit: 2, after: "e:1:a@1:0" })).toEqual([]);
  await expect(ids({}, { limit: 2, after: "forgotten" })).rejects.toMatchObject({ code: "NOT_FOUND" });
  expect(await ids({ org: "acme", ruleName: "a" }, { limit: 9 })).toEqual(["e:1"]);
  expect(await ids({ state: "discarded" }, { limit: 9 })).toEqual([]);
  expect(await ledger.counts()).toEqual({ open: 3, done: 0, cancelled: 0, discarded: 0 });
});

test("old decisions and ended deliveries are forgotten; dead letters and what is open are not", async () => {
  await ledger.decide([decided("e:1"), decided("e:2"), decided("e:3")]);
  await ledger.recordAttempts([
    ended("e:1:shipped@1:0", 1, "done", { ended: "done" }),
    ended("e:2:shipped@1:0", 1, "permanent", { ended: "discarded" }),
  ]);
  const later = Date.now() + 60_000;
  expect(await ledger.prune(Date.now() - 60_000, 100)).toBe(0);
  await ledger.prune(later, 100);
  await ledger.prune(later, 100);
  expect((await ledger.deliveries({}, { limit: 9 })).map(({ state }) => state)).toEqual(["open", "discarded"]);
  expect(await ledger.decidedEvent("e:1")).toBeUndefined();
  expect(await ledger.decidedEvent("e:2")).toBeDefined();
});
