/** The relay on a real PostgreSQL, with a bus that only remembers: writers of all kinds, and what a fence refuses. */
import { afterEach, expect, test } from "bun:test";
import type { Sql } from "postgres";
import { openLeases } from "../../../../src/adapters/postgres/leases/leases.ts";
import { openChangeFeed } from "../../../../src/adapters/postgres/outbox/change-feed.ts";
import { openOutbox } from "../../../../src/adapters/postgres/outbox/outbox.ts";
import { openWorkerSql } from "../../../../src/adapters/postgres/worker/worker-sql.ts";
import { realWait } from "../../../../src/adapters/timers/wait.ts";
import { decodeChangeEvent } from "../../../../src/core/events/decode-change-event.ts";
import type { Observation } from "../../../../src/core/observation.ts";
import { relayChanges } from "../../../../src/flows/events/publish-changes.ts";
import type { ChangeFeed } from "../../../../src/ports/change-feed.ts";
import type { BusMessage, EventBus } from "../../../../src/ports/event-bus.ts";
import { seen } from "../../../contract/contract.ts";
import { testDatabase } from "../../../support/postgres.ts";
import { type ObservedDatabase, observedDatabase } from "./observed-database.ts";

const SETUP =
  "create table counter (id int primary key, value int not null); insert into counter select n, 0 from generate_series(1, 20) n;";
const COUNTER = [{ schema: "public", name: "counter" }];
const BUS = { incarnation: "one", lastSequence: 7 };

let db: ObservedDatabase;
const open = async (name: string) => {
  db = await observedDatabase(name, SETUP, COUNTER);
  return openChangeFeed(db.sql);
};
afterEach(() => db.close());

/** A bus that keeps each id once. */
function rememberingBus() {
  const log: BusMessage[] = [];
  const ids = new Set<string>();
  const bus = {
    publish: async (messages: readonly BusMessage[]) => {
      for (const message of messages) {
        if (!ids.has(message.id)) log.push(message);
        ids.add(message.id);
      }
      return log.length;
    },
    state: async () => ({ incarnation: "memory", lastSequence: log.length }),
  } as unknown as EventBus;
  return { bus, log };
}

test("of concurrent writers, slow ones and such that roll back, nothing is lost and no row's changes are inverted", async () => {
  const feed = await open("relay_writers");
  const { bus, log } = rememberingBus();
  const over = new AbortController();
  const observed: Observation[] = [];
  const parts = {
    feed,
    bus,
    wait: realWait,
    leases: openLeases(db.connect()),
    observe: (o: Observation) => void observed.push(o),
  };
  const relays = ["one", "two"].map((holder) => relayChanges(parts, { holder, retentionMs: 1e9, signal: over.signal }));
  const writer = async (number: number) => {
    const sql = db.connect();
    for (let turn = 0; turn < 60; turn += 1) {
      const id = 1 + ((number * 7 + turn * 3) % 20);
      const isSlow = turn % 20 === number;
      await sql
        .begin(async (transaction) => {
          await transaction`update counter set value = value + 1 where id = ${id}`;
          if (isSlow) await transaction`select pg_sleep(0.15)`;
          if (turn % 7 === 3) throw new Error("rolled back");
        })
        .catch((error) => {
          if (error.message !== "rolled back") throw error;
        });
    }
  };
  await Promise.all(Array.from({ length: 10 }, (_, number) => writer(number)));
  const outbox = openOutbox(db.sql);
  await seen("everything is published", async () => (await outbox.state()).waiting === 0);
  over.abort();
  await Promise.all(relays);
  const rows = await db.sql<{ position: string }[]>`select position from fraiseql.outbox order by position`;
  const events = log.map(({ body }) => decodeChangeEvent(body));
  expect(events.map(({ position }) => position)).toEqual(rows.map(({ position }) => Number(position)));
  const values = new Map<string, number>();
  for (const { key, before, after } of events) {
    expect(before?.["value"]).toBe(values.get(key) ?? 0);
    values.set(key, after?.["value"] as number);
  }
  const [total] = await db.sql<{ sum: string }[]>`select sum(value) from counter`;
  expect(events.length).toBe(Number(total?.sum));
  expect(log[0]?.id).toMatch(/^[0-9a-f]{12}:1$/);
  expect(log[0]?.subject).toMatch(/^fql\.ev\.\d+\.=\.public=2ecounter\.update$/);
  expect(observed.filter(({ kind }) => kind === "part-failed")).toEqual([]);
}, 60_000);

test("a transaction that is left open holds the relay, and is named", async () => {
  const feed = await open("relay_held");
  const open_ = await db.sql.reserve();
  await open_`begin`;
  await open_`update counter set value = 5 where id = 1`;
  await db.sql`update counter set value = 6 where id = 2`;
  await feed.open(1);
  const read = await feed.read({ fence: 1, after: 0, rowsMax: 10, bytesMax: 1e6 });
  expect(read?.rows.map(({ position }) => position)).toEqual([2]);
  const barrier = await feed.barrier();
  expect((await feed.read({ fence: 1, after: 0, rowsMax: 10, bytesMax: 1e6 }))?.horizon).toBeLessThan(barrier);
  const [self] = await open_<{ pid: number }[]>`select pg_backend_pid() as pid`;
  const named = await openOutbox(db.sql).state();
  expect(named).toMatchObject({
    newest: 2,
    published: 0,
    waiting: 1,
    oldestWriter: { pid: self?.pid, query: "select pg_backend_pid() as pid" },
  });
  expect(Date.parse(named.oldestWriter?.since ?? "")).toBeLessThan(Date.now() + 1_000);
  expect((await feed.oldestWriter(barrier))?.pid).toBe(self?.pid as number);
  await open_`rollback`;
  open_.release();
  expect((await feed.read({ fence: 1, after: 0, rowsMax: 10, bytesMax: 1e6 }))?.horizon).toBeGreaterThan(barrier);
  expect(await openOutbox(db.sql).state()).toMatchObject({ oldestWriter: null });
});

test("a transaction that began after the barrier is not what holds the relay", async () => {
  const feed = await open("relay_innocent");
  const barrier = await feed.barrier();
  await db.sql.begin(async (transaction) => {
    await transaction`update counter set value = 5 where id = 1`;
    expect(await feed.oldestWriter(barrier)).toBeNull();
    expect(await feed.oldestWriter(await feed.barrier())).not.toBeNull();
  });
});

test("a role that may not see the transactions of others learns which right is missing, and for how long at least one is open", async () => {
  await open("relay_hidden");
  const role = `plain_${crypto.randomUUID().slice(0, 8)}`;
  await db.sql.unsafe(`
    create role ${role}; grant usage on schema fraiseql to ${role}; grant select on all tables in schema fraiseql to ${role};
    grant select on fraiseql.outbox_position to ${role}`);
  const plain = db.connect();
  await plain.unsafe(`set role ${role}`);
  const holder = await db.sql.reserve();
  await holder`begin`;
  await holder`update counter set value = 5 where id = 1`;
  await db.sql`update counter set value = 6 where id = 2`;
  // As if it had been written a minute ago; by a transaction that is younger still.
  await db.sql`update fraiseql.outbox set occurred_at = occurred_at - interval '1 minute'`;
  const { oldestWriter } = await openOutbox(plain).state();
  await holder`rollback`;
  holder.release();
  await plain`reset role`;
  await db.sql.unsafe(`drop owned by ${role}; drop role ${role}`);
  expect(oldestWriter).toMatchObject({ since: null, query: `hidden; grant pg_read_all_stats to ${role} shows it` });
  expect(oldestWriter?.ageMs).toBeGreaterThanOrEqual(60_000);
});

test("an earlier fence reads and stores nothing, and does not take over again", async () => {
  const feed = await open("relay_fence");
  expect(await feed.open(3)).toEqual({ position: 0, bus: null, unmarked: 0 });
  expect(await feed.store({ fence: 3, position: 12, bus: BUS })).toBe(true);
  await feed.mark(10, BUS);
  expect(await feed.open(4)).toEqual({ position: 12, bus: BUS, unmarked: 2 });
  expect(await feed.read({ fence: 3, after: 0, rowsMax: 10, bytesMax: 1e6 })).toBeUndefined();
  expect(await feed.store({ fence: 3, position: 50, bus: BUS })).toBe(false);
  expect(await feed.open(3)).toBeUndefined();
});

test("the bus that the relay publishes to is that of its newest publication, or of a later look that found nothing to publish", async () => {
  const feed = await open("relay_bus");
  const outbox = openOutbox(db.sql);
  expect(await outbox.relayedTo()).toBeNull();
  await feed.open(3);
  await feed.store({ fence: 3, position: 12, bus: BUS });
  expect(await outbox.relayedTo()).toBe("one");
  await feed.mark(12, BUS);
  const other = { incarnation: "two", lastSequence: 0 };
  await feed.resumeAt(other);
  expect(await outbox.relayedTo()).toBe("one");
  await feed.mark(12, other);
  expect(await outbox.relayedTo()).toBe("two");
});

test("a bus that went back is filled from the newest mark that it surely has, a new one from the oldest row", async () => {
  const feed = await open("relay_marks");
  await db.sql`update counter set value = 1`;
  await feed.mark(5, { incarnation: "one", lastSequence: 5 });
  await feed.mark(9, { incarnation: "one", lastSequence: 11 });
  await feed.mark(14, { incarnation: "one", lastSequence: 16 });
  expect(await feed.resumeAt({ incarnation: "one", lastSequence: 12 })).toBe(9);
  expect(await feed.resumeAt({ incarnation: "one", lastSequence: 20 })).toBe(9);
  expect(await feed.resumeAt({ incarnation: "two", lastSequence: 90 })).toBe(0);
  await db.sql`delete from fraiseql.outbox where position < 4`;
  expect(await feed.resumeAt({ incarnation: "two", lastSequence: 0 })).toBe(3);
});

const idsOf = async (feed: ChangeFeed, after = 0) =>
  (await feed.read({ fence: 1, after, rowsMax: 10, bytesMax: 1e6 }))?.rows.map(({ id }) => id) ?? [];
const epochsOf = (ids: readonly string[]) => ids.map((id) => id.slice(0, 12));

/** Closes the database; `use` gets a copy of its files. */
async function inCopy(use: (sql: Sql, feed: ChangeFeed) => Promise<void>): Promise<void> {
  await db.disconnect();
  const copy = await testDatabase("relay_copy", "", new URL(db.url).pathname.slice(1));
  const sql = openWorkerSql({ url: copy.url, connectionsMax: 2, connectTimeoutMs: 5_000, name: "copy" });
  try {
    await use(sql, openChangeFeed(sql));
  } finally {
    await sql.end({ timeout: 1 });
    await copy.drop();
  }
}

test("a database in another place begins a new epoch: its later positions have other ids", async () => {
  const feed = await open("relay_epoch");
  await db.sql`update counter set value = 1 where id = 1`;
  await feed.open(1);
  const [first] = await idsOf(feed);
  await feed.open(1);
  await db.sql`update fraiseql.epochs set place = 'elsewhere'`;
  await feed.open(1);
  await db.sql`update counter set value = 2 where id = 1`;
  const [again, second] = await idsOf(feed);
  expect(again).toBe(first as string);
  expect(second).toMatch(/^[0-9a-f]{12}:2$/);
  expect(second?.slice(0, 12)).not.toBe(first?.slice(0, 12) as string);
  expect((await openOutbox(db.sql).event(first as string))?.after).toEqual({ id: 1, value: 1 });
  expect(await openOutbox(db.sql).event(`${second?.slice(0, 12)}:1`)).toBeUndefined();
});

test("what is written in a copy before a relay opens there is of its new epoch; what was published, or waited as it was copied, is not", async () => {
  const feed = await open("relay_copied");
  await db.sql`update counter set value = 1 where id <= 3`;
  await feed.open(1);
  await feed.store({ fence: 1, position: 2, bus: BUS });
  const before = await idsOf(feed);
  await inCopy(async (sql, copy) => {
    await sql`update counter set value = 2 where id <= 2`;
    expect(await copy.open(1)).toEqual({ position: 2, bus: BUS, unmarked: 2 });
    const ids = await idsOf(copy);
    expect(ids.slice(0, 3)).toEqual(before);
    const [old, ...others] = [...new Set(epochsOf(ids))];
    expect(others).toHaveLength(1);
    expect(ids.slice(3)).toEqual([4, 5].map((position) => `${others[0]}:${position}`));
    expect(old).toBe(epochsOf(before)[0] as string);
    await copy.open(1);
    expect(await idsOf(copy)).toEqual(ids);
  });
});

test("the first event in a copy of an outbox that was never used has an id of the copy's own", async () => {
  const feed = await open("relay_unused");
  await feed.open(1);
  const { epoch } = (await db.sql`select epoch from fraiseql.epochs`)[0] as { epoch: string };
  await inCopy(async (sql, copy) => {
    await sql`update counter set value = 2 where id = 1`;
    await copy.open(1);
    const [id] = await idsOf(copy);
    expect(id).toMatch(/^[0-9a-f]{12}:1$/);
    expect(id?.slice(0, 12)).not.toBe(epoch);
  });
});

test("a dump that is restored over its own database is another place", async () => {
  const feed = await open("relay_over");
  await feed.open(1);
  await db.sql`update counter set value = 1 where id = 1`;
  const [before] = await idsOf(feed);
  await db.sql.unsafe(`
    alter table fraiseql.epochs rename to dumped;
    create table fraiseql.epochs (like fraiseql.dumped including all);
    insert into fraiseql.epochs select * from fraiseql.dumped;`);
  expect(await feed.read({ fence: 1, after: 0, rowsMax: 10, bytesMax: 1e6 })).toBeUndefined();
  await feed.open(1);
  expect(epochsOf(await idsOf(feed))).not.toEqual(epochsOf([before as string]));
});

test("a relay whose database became another reads and stores nothing more until it has opened again", async () => {
  const feed = await open("relay_moved");
  await feed.open(1);
  await feed.mark(90, BUS);
  await db.sql`update fraiseql.epochs set place = 'elsewhere'`;
  expect(await feed.read({ fence: 1, after: 0, rowsMax: 10, bytesMax: 1e6 })).toBeUndefined();
  expect(await feed.store({ fence: 1, position: 50, bus: BUS })).toBe(false);
  expect(await feed.open(1)).toEqual({ position: 0, bus: null, unmarked: 0 });
  // A mark above what is published was put there by a relay that did not know.
  expect(await feed.resumeAt({ ...BUS, lastSequence: 1_000 })).toBe(0);
  expect(await feed.store({ fence: 1, position: 50, bus: BUS })).toBe(true);
});

test("a batch ends at its rows or its bytes, and has one row in any case", async () => {
  const feed = await open("relay_batch");
  await db.sql`update counter set value = 1`;
  await feed.open(1);
  const count = async (rowsMax: number, bytesMax: number) =>
    (await feed.read({ fence: 1, after: 2, rowsMax, bytesMax }))?.rows.length;
  expect([await count(10, 1e6), await count(10, 100), await count(10, 1)]).toEqual([10, 2, 1]);
});

test("a poke is heard by the relay that listens, until it ends", async () => {
  const feed = await open("relay_poke");
  const over = new AbortController();
  const poked = Promise.withResolvers<void>();
  const listening = Promise.withResolvers<void>();
  let pokes = 0;
  feed.listen(() => {
    pokes += 1;
    (pokes === 1 ? listening : poked).resolve();
  }, over.signal);
  // The first is of the feed itself: what came before it listened is not told.
  await listening.promise;
  await db.sql`select pg_notify('fraiseql_outbox', '')`;
  await poked.promise;
  over.abort();
});
