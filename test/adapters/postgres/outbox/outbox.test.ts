/** What can be asked of the outbox, and how it forgets. */
import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { openChangeFeed } from "../../../../src/adapters/postgres/outbox/change-feed.ts";
import { openOutbox } from "../../../../src/adapters/postgres/outbox/outbox.ts";
import { ExactNumber } from "../../../../src/core/events/json.ts";
import { type ObservedDatabase, observedDatabase } from "./observed-database.ts";

const SETUP = `
  create table note (id int primary key, body text, size numeric);
  create table other (id int primary key);
`;
const BUS = { incarnation: "one", lastSequence: 0 };

let db: ObservedDatabase;
beforeAll(async () => {
  db = await observedDatabase("outbox", SETUP, [
    { schema: "public", name: "note" },
    { schema: "public", name: "other" },
  ]);
});
afterAll(() => db.close());
beforeEach(async () => {
  await db.sql
    .unsafe(`
    truncate note, other; truncate fraiseql.outbox; alter sequence fraiseql.outbox_position restart;
    update fraiseql.relay set position = 0, fence = 1; update fraiseql.outbox_ring set slot = 0, since = now()`)
    .simple();
});

test("an event is found by its id, with all digits of its numbers and microseconds of its time", async () => {
  await db.sql`insert into note values (1, 'a "quoted" text', 12345678901234567890.5)`;
  const [latest] = await openOutbox(db.sql).latest({ limit: 1 });
  const event = await openOutbox(db.sql).event(latest?.id ?? "");
  expect(event).toEqual({
    id: expect.stringMatching(/^[0-9a-f]{12}:1$/),
    position: 1,
    table: "public.note",
    operation: "insert",
    key: "[1]",
    before: null,
    after: { id: 1, body: 'a "quoted" text', size: new ExactNumber("12345678901234567890.5") },
    spilled: false,
    org: null,
    actor: null,
    traceparent: null,
    cause: null,
    occurredAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
  });
  expect(Math.abs(Date.parse(event?.occurredAt ?? "") - Date.now())).toBeLessThan(60_000);
  for (const id of ["nonsense", "000000000000:1", `${latest?.id}0`])
    expect(await openOutbox(db.sql).event(id)).toBeUndefined();
});

test("a row of more than 256 KiB goes to the bus by reference, and is whole in the outbox", async () => {
  await db.sql`insert into note values (1, repeat('x', 262000), null), (2, repeat('x', 300000), null)`;
  const feed = openChangeFeed(db.sql);
  const read = await feed.read({ fence: 1, after: 0, rowsMax: 10, bytesMax: 1e7 });
  const [small, large] = read?.rows.map(({ body }) => JSON.parse(body)) ?? [];
  expect([small.spilled, small.after.body.length]).toEqual([false, 262_000]);
  expect([large.spilled, large.before, large.after]).toEqual([true, null, null]);
  const whole = await openOutbox(db.sql).event(large.id);
  expect([whole?.spilled, whole?.after?.["id"], String(whole?.after?.["body"]).length]).toEqual([false, 2, 300_000]);
});

test("what is published comes in order from a position, of one table and since a time", async () => {
  await db.sql`insert into note select n from generate_series(1, 3) n`;
  await db.sql`insert into other values (1)`;
  await db.sql`insert into note values (4)`;
  const outbox = openOutbox(db.sql);
  const positions = async (page: Partial<Parameters<typeof outbox.published>[0]>) =>
    (await outbox.published({ after: 0, limit: 10, ...page })).map(({ position }) => position);
  expect(await positions({})).toEqual([]);
  await openChangeFeed(db.sql).store({ fence: 1, position: 4, bus: BUS });
  expect(await positions({})).toEqual([1, 2, 3, 4]);
  expect(await positions({ after: 1, limit: 2 })).toEqual([2, 3]);
  expect(await positions({ table: "public.other" })).toEqual([4]);
  expect(await positions({ since: "2999-01-01T00:00:00Z" })).toEqual([]);
  expect((await outbox.latest({ limit: 2, table: "public.note" })).map(({ position }) => position)).toEqual([5, 3]);
  const upTo = async (position: number) =>
    (await outbox.latest({ limit: 2, table: "public.note", upTo: position })).map((event) => event.position);
  expect([await upTo(4), await upTo(3), await upTo(0)]).toEqual([[3, 2], [3, 2], []]);
  expect(await outbox.state()).toMatchObject({ newest: 5, published: 4, waiting: 1 });
});

test("wishes to publish again are counted for each event", async () => {
  const outbox = openOutbox(db.sql);
  expect(await outbox.replayed(["a:1", "a:2"])).toEqual([1, 1]);
  expect(await outbox.replayed(["a:2", "a:3"])).toEqual([2, 1]);
  expect([await outbox.replays("a:2"), await outbox.replays("a:9")]).toEqual([2, 0]);
});

const slots = async () => {
  const rows = await db.sql<
    { slot: number; count: string }[]
  >`select slot, count(*) from fraiseql.outbox group by slot order by slot`;
  return rows.map(({ slot, count }) => `${slot}: ${count}`).join(", ");
};

test("the ring moves on with time, and a part is emptied when all in it is published and old enough", async () => {
  const feed = openChangeFeed(db.sql);
  await db.sql`insert into note values (1), (2)`;
  await feed.rotate(14_000_000);
  await db.sql`insert into note values (3)`;
  expect(await slots()).toBe("0: 3");
  await db.sql`update fraiseql.outbox_ring set since = now() - interval '1001 seconds'`;
  await feed.rotate(14_000_000);
  await db.sql`insert into note values (4)`;
  expect(await slots()).toBe("0: 3, 1: 1");
  await db.sql`update fraiseql.outbox set occurred_at = now() - interval '5 hours' where slot = 0`;
  await feed.rotate(14_000_000);
  expect(await slots()).toBe("0: 3, 1: 1");
  await feed.store({ fence: 1, position: 3, bus: BUS });
  await feed.rotate(14_000_000);
  expect(await slots()).toBe("1: 1");
});

test("a part in which somebody is still writing is left for the next turn", async () => {
  const feed = openChangeFeed(db.sql);
  await db.sql`insert into note values (1)`;
  const writer = await db.sql.reserve();
  await writer`begin`;
  await writer`insert into note values (2)`;
  await db.sql`update fraiseql.outbox set occurred_at = now() - interval '5 hours'`;
  await db.sql`update fraiseql.outbox_ring set slot = 7`;
  await feed.store({ fence: 1, position: 1, bus: BUS });
  await feed.rotate(1_000);
  await writer`commit`;
  writer.release();
  expect(await slots()).toBe("0: 2");
});
