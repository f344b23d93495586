/** What workers ask of PostgreSQL all the time reads as much behind twenty thousand rows as behind none. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import postgres, { type Sql } from "postgres";
import { busStatements } from "../../../../src/adapters/postgres/bus/bus-statements.ts";
import { openJobQueue } from "../../../../src/adapters/postgres/jobs/job-queue.ts";
import { openLedger } from "../../../../src/adapters/postgres/ledger/ledger.ts";
import type { ClaimedJob } from "../../../../src/ports/job-queue.ts";
import type { Decided } from "../../../../src/ports/ledger.ts";
import { endAll, job } from "../../../contract/job-queue-contract.ts";
import { type MigratedDatabase, migratedDatabase } from "../../../support/migrated.ts";

let database: MigratedDatabase;
/** One connection: it keeps the plans that it made while the tables were empty. */
let sql: Sql;
const connect = () => postgres(database.url, { max: 1, onnotice: () => {} });
beforeAll(async () => {
  database = await migratedDatabase("long_tables");
  sql = connect();
});
afterAll(async () => {
  await sql.end();
  await database.drop();
});

/** Kept by each table, in some hundred pages and more. */
const KEPT = 20_000;
/** Some pages of each index for each of ten rows; a table or an index read from end to end has more. */
const BLOCKS_MAX = 400;
const SLOT_SECONDS = 10_800;
const SHARD = 3;
/** Enough for PostgreSQL to settle for a plan. */
const ROUNDS = 8;

const idsFrom = (first: number) => Array.from({ length: 10 }, (_, n) => `e:${first + n}`);
const deliveryOf = (eventId: string) => `${eventId}:shipped@1:0`;

function decided(eventId: string): Decided {
  const rule = { ruleName: "shipped", ruleVersion: 1, actionIndex: 0, actionKind: "log" };
  const delivery = { job: job(deliveryOf(eventId)), ...rule };
  return { eventId, rulesVersion: 1, matched: [{ name: "shipped", version: 1 }], deliveries: [delivery] };
}

/** Ten events from the log to the end of their jobs, step by step, and the blocks that each step asked for. */
async function blocksOfEach(first: number): Promise<Readonly<Record<string, number>>> {
  const ids = idsFrom(first);
  const messages = ids.map((id) => ({ id, subject: `fraiseql.events.${SHARD}.x`, body: "{}" }));
  let claimed: readonly ClaimedJob[] = [];
  const jobIds = () => claimed.map(({ job: { id } }) => id);
  const attempt = {
    attempt: 1,
    startedAt: new Date().toISOString(),
    durationMs: 1,
    outcome: "done",
    facts: {},
  } as const;
  const steps: readonly (readonly [string, (sql: Sql) => Promise<unknown>])[] = [
    ["publish", (sql) => busOf(sql).publish(messages, SLOT_SECONDS)],
    ["publish again", (sql) => busOf(sql).publish(messages, SLOT_SECONDS)],
    [
      "give out",
      async (sql) => {
        const given = (await busOf(sql).claim(SHARD, 10, 60_000)).map(({ sequence }) => Number(sequence));
        expect(given).toHaveLength(10);
        await busOf(sql).acknowledge(Array(10).fill(SHARD), given);
      },
    ],
    ["look where there is nothing", async (sql) => expect(await busOf(sql).claim(SHARD, 10, 60_000)).toEqual([])],
    ["decide", async (sql) => expect(await openLedger(sql).decide(ids.map(decided))).toHaveLength(10)],
    ["enqueue", (sql) => openJobQueue(sql).enqueue(ids.map((id) => job(deliveryOf(id))))],
    ["look when a job is due", async (sql) => expect(await openJobQueue(sql).nextDue()).toBe(0)],
    [
      "claim jobs",
      async (sql) => {
        claimed = await openJobQueue(sql).claim({ count: 10, leaseMs: 60_000 });
        expect(claimed).toHaveLength(10);
      },
    ],
    [
      "look deliveries up",
      async (sql) => expect((await openLedger(sql).open(jobIds())).filter(Boolean)).toHaveLength(10),
    ],
    [
      "record attempts",
      (sql) => openLedger(sql).recordAttempts(jobIds().map((jobId) => ({ jobId, attempt, ended: "done" }))),
    ],
    ["end jobs", (sql) => endAll(openJobQueue(sql), claimed, { kind: "complete" })],
  ];
  const blocks: Record<string, number> = {};
  for (const [name, step] of steps) blocks[name] = await blocksOf(step);
  return blocks;
}

const busOf = (sql: Sql) => busStatements(sql, "test", (step) => step());

/** Blocks of the tables and indexes of the schema that a step asks for, wherever they are found. */
async function blocksOf(step: (sql: Sql) => Promise<unknown>): Promise<number> {
  const count = await sql.begin(async (transaction) => {
    const one = transaction as unknown as Sql;
    const before = await asked(one);
    await step(one);
    return (await asked(one)) - before;
  });
  return count as number;
}

async function asked(sql: Sql): Promise<number> {
  const [row] = await sql<{ blocks: number }[]>`
    select sum(pg_stat_get_xact_blocks_fetched(oid))::int as blocks from pg_class
    where relnamespace = 'fraiseql'::regnamespace and relkind in ('r', 'i')`;
  return row?.blocks ?? 0;
}

/** As a day's work leaves it: all published, given out, decided, run. */
async function fill(first: number): Promise<void> {
  const last = first + KEPT - 1;
  await sql`
    insert into fraiseql.bus_messages (slot, shard, sequence, id, subject, body)
    select slot, ${SHARD}::int, last_sequence + n + 1 - ${first}::int, 'e:' || n, 'fraiseql.events.3.x', repeat('x', 200)
    from fraiseql.bus, generate_series(${first}::int, ${last}::int) n`;
  await sql`update fraiseql.bus set last_sequence = last_sequence + ${KEPT}`;
  await sql`
    update fraiseql.bus_shards set given_to = last_sequence, ended_to = last_sequence from fraiseql.bus where shard = ${SHARD}`;
  await sql`
    insert into fraiseql.decided_events (event_id, rules_version, matched)
    select 'e:' || n, 1, '[]' from generate_series(${first}::int, ${last}::int) n`;
  await sql`
    insert into fraiseql.deliveries
      (id, job, state, event_id, rule_name, rule_version, action_index, action_kind, org, ended_at)
    select 'e:' || n || ':shipped@1:0', '{}', 'done', 'e:' || n, 'shipped', 1, 0, 'log', '', now()
    from generate_series(${first}::int, ${last}::int) n`;
  await sql`
    insert into fraiseql.attempts (delivery_id, attempt, started_at, duration_ms, outcome, facts)
    select id, 1, now(), 1, 'done', '{}' from fraiseql.deliveries where state = 'done' on conflict do nothing`;
  await sql`
    insert into fraiseql.jobs (id, org, state, attempts_max, due_at, ended)
    select 'e:' || n || ':shipped@1:0', '', 'completed', 1, 0, nextval('fraiseql.job_endings')
    from generate_series(${first}::int, ${last}::int) n`;
}

test("every step reads a few blocks: planned for empty tables, behind many rows, once these are counted, and planned then", async () => {
  let next = 0;
  const rounds = async () => {
    for (let round = 0; round < ROUNDS; round += 1, next += 10) {
      const tooMany = Object.entries(await blocksOfEach(next)).filter(([, count]) => count > BLOCKS_MAX);
      expect(tooMany).toEqual([]);
    }
  };
  await rounds();
  await fill(next);
  next += KEPT;
  await rounds();
  await sql`analyze`;
  await rounds();
  await sql.end();
  sql = connect();
  await rounds();
}, 60_000);

test("the span of the log whose turn comes is emptied without reading it", async () => {
  await sql`update fraiseql.bus set slot = (slot + 1) % 8`;
  const emptied = await blocksOf((sql) => sql`select fraiseql.bus_turn((slot + 7) % 8) from fraiseql.bus`);
  expect(emptied).toBeLessThan(BLOCKS_MAX);
  const [left] = await sql<{ count: number }[]>`select count(*)::int as count from fraiseql.bus_messages`;
  expect(left?.count).toBe(0);
});
