/** What only a job queue on PostgreSQL has to stand: its statements wait for each other. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import postgres from "postgres";
import { openJobQueue } from "../../../../src/adapters/postgres/jobs/job-queue.ts";
import { endAll, job, many } from "../../../contract/job-queue-contract.ts";
import { type MigratedDatabase, migratedDatabase } from "../../../support/migrated.ts";

let database: MigratedDatabase;
beforeAll(async () => {
  database = await migratedDatabase("job_queue_postgres");
});
afterAll(() => database.drop());

test("workers and servers in each other's way lose nothing, double nothing and see no conflict", async () => {
  const sql = postgres(database.url, { max: 8, onnotice: () => {} });
  try {
    const queue = openJobQueue(sql);
    const asked = new Set<string>();
    const held = new Map<string, string>();
    const lane = async (_: unknown, lane: number) => {
      for (let turn = 0; turn < 60; turn += 1) {
        const jobs = Array.from({ length: 5 }, (_, n) => {
          const number = (turn * 5 + n * 7 + lane) % 200;
          asked.add(`j-${number}`);
          return job(`j-${number}`, { org: `org-${number % 4}`, uniqueKey: `key-${number % 50}` });
        });
        await queue.enqueue(jobs);
        const claimed = await queue.claim({ count: 4, leaseMs: turn % 3 === 0 ? 1 : 60_000 });
        for (const {
          job: { id },
          token,
        } of claimed) {
          expect(held.get(id)).not.toBe(token);
          held.set(id, token);
        }
        await endAll(queue, claimed, turn % 2 === 0 ? { kind: "complete" } : { kind: "retry", delayMs: 1 });
        if (turn % 5 === 0) await queue.cancel(`j-${(turn * 3) % 200}`);
      }
    };
    await Promise.all(Array.from({ length: 8 }, lane));
    const { running, ...counts } = await queue.counts();
    const known = Object.values(counts).reduce((sum, count) => sum + count, running);
    expect(known).toBeLessThanOrEqual(asked.size);
    const [late] = await sql<{ count: number }[]>`
      select count(*)::int as count from fraiseql.jobs where state = 'completed' and token is not null`;
    expect(late?.count).toBe(0);
  } finally {
    await sql.end();
  }
}, 60_000);

test("a database that is away is a queue that is away", async () => {
  const sql = postgres("postgres://nobody@127.0.0.1:1/nothing", { max: 1, connect_timeout: 1 });
  await expect(openJobQueue(sql).counts()).rejects.toMatchObject({ code: "QUEUE_UNAVAILABLE" });
  await sql.end();
});

test("a database that is read-only says so when asked whether it takes jobs, and can be counted", async () => {
  const sql = postgres(database.url, { max: 1, connection: { default_transaction_read_only: true } });
  const queue = openJobQueue(sql);
  await expect(queue.trial()).rejects.toMatchObject({
    message: expect.stringContaining("a database that is read-only, such as a standby"),
    details: { sqlstate: "25006" },
  });
  expect(await queue.counts()).toMatchObject({ running: 0 });
  await sql.end();
});

test("ended jobs are forgotten, the oldest first, and with them what was idle", async () => {
  const queue = openJobQueue(database.sql);
  await queue.clear();
  await queue.enqueue(many(3, "old", "old"));
  await endAll(queue, await queue.claim({ count: 3, leaseMs: 60_000 }), { kind: "complete" });
  // As if 100,000 more had ended since.
  await database.sql`select setval('fraiseql.job_endings', nextval('fraiseql.job_endings') + 100000)`;
  await queue.enqueue(many(3, "new", "new"));
  await endAll(queue, await queue.claim({ count: 3, leaseMs: 60_000 }), { kind: "complete" });
  expect(await queue.state("old-0")).toBeUndefined();
  expect(await queue.state("new-0")).toBe("completed");
  const orgs = await database.sql<{ org: string }[]>`select org from fraiseql.job_turns`;
  expect(orgs.map(({ org }) => org)).not.toContain("old");
});
