import type { Sql } from "postgres";
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

/** One statement, so that the rows and the horizon are of one snapshot, and the fence is known to have held by then. */
const READ = `
  select pg_snapshot_xmin(pg_current_snapshot())::text as horizon, r.fence = $1::bigint as holds, o.*
  from fraiseql.relay as r left join lateral (
    select o.position, ${EVENT_ID} as id, ${EVENT_ORG} as org, o.table_name, o.operation, ${eventJson({ whole: false })} as body,
      extract(epoch from o.occurred_at)::float8 * 1000 as occurred_at
    from (
      select *, sum(least(bytes, 262144)) over (order by position rows unbounded preceding) as total, row_number() over (order by position) as place
      from (select * from fraiseql.outbox where position > $2::bigint order by position limit $3::int) as first_rows
    ) as o
    where o.total <= $4::bigint or o.place = 1
    order by o.position
  ) as o on r.fence = $1::bigint`;

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
          where fence = ${fence}`;
        return count === 1;
      }),
    mark: (position, bus) => asked(() => mark(sql, position, bus)),
    resumeAt: (bus) => asked(() => resumeAt(sql, bus)),
    oldestWriter: () => asked(() => oldestWriter(sql)),
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

async function takeOver(sql: Sql, fence: number) {
  const [row] = await sql<
    { position: string; bus_incarnation: string | null; bus_sequence: string; unmarked: string }[]
  >`
    update fraiseql.relay set fence = ${fence} where fence <= ${fence}
    returning position, bus_incarnation, bus_sequence,
      position - coalesce((select max(position) from fraiseql.relay_marks), 0) as unmarked`;
  if (row === undefined) return undefined;
  // In another place positions may be given that were given before, to other changes.
  await sql`
    insert into fraiseql.epochs (epoch, first_position, place)
    select left(replace(gen_random_uuid()::text, '-', ''), 12), s.last_value + 1, fraiseql.place()
    from fraiseql.outbox_position as s
    where fraiseql.place() <> (select place from fraiseql.epochs order by first_position desc limit 1)
    on conflict (first_position) do update set epoch = excluded.epoch, place = excluded.place`;
  const bus =
    row.bus_incarnation === null ? null : { incarnation: row.bus_incarnation, lastSequence: Number(row.bus_sequence) };
  return { position: Number(row.position), bus, unmarked: Math.max(0, Number(row.unmarked)) };
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
