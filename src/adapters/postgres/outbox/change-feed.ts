import type { Sql, TransactionSql } from "postgres";
import type { ChangeOperation } from "../../../core/events/change-event.ts";
import type { ChangeFeed, FeedRow } from "../../../ports/change-feed.ts";
import type { BusState } from "../../../ports/event-bus.ts";
import { listenTo } from "../worker/notifications.ts";
import { asked } from "../worker/worker-sql.ts";
import { EVENT_ID, EVENT_ORG, eventJson } from "./event-text.ts";
import { oldestWriter } from "./open-transaction.ts";
import { rotateRing } from "./ring.ts";

/** Who commits may say so here; a look at the outbox then comes before its time. */
const CHANNEL = "fraiseql_outbox";

/** Whether the newest epoch is this place's: a connection may end at another server than the one before it. */
const IS_HERE = "(select place = fraiseql.place() from fraiseql.epochs order by first_position desc limit 1)";

/** One statement, so that the rows and the horizon are of one snapshot, and the fence is known to have held by then. */
const READ = `
  with relay as materialized (select fence = $1::bigint and ${IS_HERE} as holds from fraiseql.relay)
  select pg_snapshot_xmin(pg_current_snapshot())::text as horizon, r.holds, o.*
  from relay as r left join lateral (
    select o.position, ${EVENT_ID} as id, ${EVENT_ORG} as org, o.table_name, o.operation, ${eventJson({ whole: false })} as body,
      extract(epoch from o.occurred_at)::float8 * 1000 as occurred_at
    from (
      select *, sum(least(bytes, 262144)) over (order by position rows unbounded preceding) as total, row_number() over (order by position) as place
      from (select * from fraiseql.outbox where position > $2::bigint order by position limit $3::int) as first_rows
    ) as o
    where o.total <= $4::bigint or o.place = 1
    order by o.position
  ) as o on r.holds`;

type ReadRow = {
  readonly horizon: string;
  readonly holds: boolean;
  readonly position: string | null;
  readonly id: string;
  readonly org: string | null;
  readonly table_name: string;
  readonly operation: ChangeOperation;
  readonly body: string;
  readonly occurred_at: number;
};

/** @param sql takes one connection more than its pool has, to listen */
export function openChangeFeed(sql: Sql): ChangeFeed {
  return {
    open: (fence) => asked(() => takeOver(sql, fence)),
    read: ({ fence, after, rowsMax, bytesMax }) =>
      asked(async () => {
        const rows = await sql.unsafe<ReadRow[]>(READ, [fence, after, rowsMax, bytesMax], { prepare: true });
        const [first] = rows;
        if (!first?.holds) return undefined;
        return { horizon: BigInt(first.horizon), rows: first.position === null ? [] : rows.map(feedRow) };
      }),
    barrier: () =>
      asked(async () => {
        const [row] = await sql<{ id: string }[]>`select pg_current_xact_id()::text as id`;
        return BigInt(row?.id ?? 0);
      }),
    store: ({ fence, position, bus }) =>
      asked(async () => {
        const { count } = await sql`
          update fraiseql.relay set position = ${position}, bus_incarnation = ${bus.incarnation}, bus_sequence = ${bus.lastSequence},
            stored_at = clock_timestamp()
          where fence = ${fence} and ${sql.unsafe(IS_HERE)}`;
        return count === 1;
      }),
    mark: (position, bus) => asked(() => mark(sql, position, bus)),
    resumeAt: (bus) => asked(() => resumeAt(sql, bus)),
    oldestWriter: (barrier) => asked(() => oldestWriter(sql, barrier)),
    listen: (poked, signal) => {
      if (signal.aborted) return;
      const stop = listenTo(sql, CHANNEL, poked);
      signal.addEventListener("abort", () => void stop().catch(() => {}), { once: true });
    },
    rotate: (retentionMs) => asked(() => rotateRing(sql, retentionMs)),
  };
}

function feedRow({ position, id, org, table_name, operation, body, occurred_at }: ReadRow): FeedRow {
  return { position: Number(position), id, org, table: table_name, operation, body, occurredAt: occurred_at };
}

function takeOver(sql: Sql, fence: number) {
  return sql.begin(async (transaction) => {
    const [relay] = await transaction`select fence from fraiseql.relay where fence <= ${fence} for update`;
    if (relay === undefined) return undefined;
    const [place] = await transaction.unsafe<{ is_here: boolean }[]>(`select ${IS_HERE} as is_here`);
    // Before the relay's row is written, which is then no older than what was written here.
    if (!place?.is_here) await beginEpoch(transaction);
    const [row] = await transaction<
      { position: string; bus_incarnation: string | null; bus_sequence: string; unmarked: string }[]
    >`
      update fraiseql.relay set fence = ${fence}
      returning position, bus_incarnation, bus_sequence,
        position - coalesce((select max(position) from fraiseql.relay_marks), 0) as unmarked`;
    if (row === undefined) return undefined;
    const { position, bus_incarnation: incarnation, bus_sequence: sequence, unmarked } = row;
    const bus = incarnation === null ? null : { incarnation, lastSequence: Number(sequence) };
    return { position: Number(position), bus, unmarked: Math.max(0, Number(unmarked)) };
  });
}

/**
 * In another place positions are given that were given before, to other changes, and nobody wrote down from which on. So all
 * gets ids of its own that is not known to be older: what was published is, and what no younger transaction than the one that
 * wrote the relay's row has written. Whoever writes here has a younger one, in a copy of files and after a restore of a dump.
 */
async function beginEpoch(transaction: TransactionSql): Promise<void> {
  await transaction`
    with begun as (
      insert into fraiseql.epochs (epoch, place, first_position)
      select left(replace(gen_random_uuid()::text, '-', ''), 12), fraiseql.place(), greatest(
        (select max(first_position) from fraiseql.epochs),
        r.position + 1,
        (select max(o.position) + 1 from fraiseql.outbox as o where o.position > r.position and age(o.xmin) >= age(r.xmin)))
      from fraiseql.relay as r
      on conflict (first_position) do update set epoch = excluded.epoch, place = excluded.place
      returning first_position
    )
    delete from fraiseql.relay_marks where position >= (select first_position from begun)`;
}

async function mark(sql: Sql, position: number, bus: BusState): Promise<void> {
  await sql`
    insert into fraiseql.relay_marks (position, bus_incarnation, bus_sequence)
    values (${position}, ${bus.incarnation}, ${bus.lastSequence})
    on conflict (position) do update set bus_incarnation = excluded.bus_incarnation, bus_sequence = excluded.bus_sequence
      where relay_marks.bus_incarnation <> excluded.bus_incarnation`;
}

async function resumeAt(sql: Sql, bus: BusState): Promise<number> {
  const [row] = await sql<{ position: string }[]>`
    with sure as (
      select max(position) as position from fraiseql.relay_marks
      where bus_incarnation = ${bus.incarnation} and bus_sequence <= ${bus.lastSequence}
    ), undone as (
      delete from fraiseql.relay_marks where position > coalesce((select position from sure), 0)
    )
    select coalesce((select position from sure), (select position - 1 from fraiseql.outbox order by position limit 1),
      (select position from fraiseql.relay)) as position`;
  return Number(row?.position ?? 0);
}
