import type { Sql } from "postgres";
import type { ChangeEvent } from "../../../core/events/change-event.ts";
import { decodeChangeEvent } from "../../../core/events/decode-change-event.ts";
import type { Outbox } from "../../../ports/outbox.ts";
import { asked } from "../worker/worker-sql.ts";
import { EVENT_ID, eventJson } from "./event-text.ts";
import { oldestWriter } from "./open-transaction.ts";

const EVENT = eventJson({ whole: true });
const WAITING_MAX = 100_000;

type Row = { readonly body: string };
const events = (rows: readonly Row[]) => rows.map(({ body }) => readable(body));

/** What can be asked of the outbox; rejects with DATABASE_UNAVAILABLE, and DATABASE_ERROR where it was not migrated. */
export function openOutbox(sql: Sql): Outbox {
  return {
    event: (id) =>
      asked(async () => {
        const position = /^[0-9a-f]{12}:(\d{1,15})$/.exec(id)?.[1];
        if (position === undefined) return undefined;
        const rows = await sql.unsafe<Row[]>(
          `select ${EVENT} as body from fraiseql.outbox as o where o.position = $1 and ${EVENT_ID} = $2`,
          [position, id],
        );
        return events(rows)[0];
      }),
    latest: ({ limit, table, upTo }) =>
      asked(async () =>
        events(
          await sql.unsafe<Row[]>(
            `select ${EVENT} as body from fraiseql.outbox as o 
             where ($2::text is null or o.table_name = $2) and ($3::bigint is null or o.position <= $3)
             order by o.position desc limit $1`,
            [limit, table ?? null, upTo ?? null],
          ),
        ),
      ),
    published: ({ after, limit, table, since }) =>
      asked(async () =>
        events(
          await sql.unsafe<Row[]>(
            `select ${EVENT} as body from fraiseql.outbox as o
             where o.position > $1 and o.position <= (select position from fraiseql.relay)
               and ($3::text is null or o.table_name = $3) and ($4::timestamptz is null or o.occurred_at >= $4)
             order by o.position limit $2`,
            [after, limit, table ?? null, since ?? null],
          ),
        ),
      ),
    state: () => asked(() => stateOf(sql)),
    relayedTo: () =>
      asked(async () => {
        // A relay that went over to another bus and has nothing to publish says so in its marks alone.
        const [row] = await sql<{ incarnation: string | null }[]>`
          select coalesce(
            (select bus_incarnation from fraiseql.relay_marks order by position desc limit 1), bus_incarnation) as incarnation
          from fraiseql.relay`;
        return row?.incarnation ?? null;
      }),
    replayed: (ids) =>
      asked(async () => {
        const rows = await sql<{ event_id: string; count: number }[]>`
          insert into fraiseql.replays as r (event_id, count)
          select id, 1 from unnest(${[...ids]}::text[]) as asked (id)
          on conflict (event_id) do update set count = r.count + 1, asked_at = clock_timestamp()
          returning event_id, count`;
        const counts = new Map(rows.map(({ event_id, count }) => [event_id, count]));
        return ids.map((id) => counts.get(id) ?? 0);
      }),
    replays: (id) =>
      asked(async () => {
        const [row] = await sql<{ count: number }[]>`select count from fraiseql.replays where event_id = ${id}`;
        return row?.count ?? 0;
      }),
  };
}

/** One whose rows nest deeper than a reader takes is shown as those are that the bus carries without them. */
function readable(body: string): ChangeEvent {
  try {
    return decodeChangeEvent(body);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const whole = JSON.parse(body) as object;
    return decodeChangeEvent(JSON.stringify({ ...whole, before: null, after: null, spilled: true }));
  }
}

async function stateOf(sql: Sql) {
  const [row] = await sql<{ newest: string; published: string; waiting: string; lag: number | null }[]>`
    select s.last_value - (not s.is_called)::int as newest, r.position as published, w.waiting,
      extract(epoch from clock_timestamp() - w.oldest)::float8 * 1000 as lag
    from fraiseql.outbox_position as s, fraiseql.relay as r, lateral (
      select count(*) as waiting, min(occurred_at) as oldest
      from (select occurred_at from fraiseql.outbox where position > r.position order by position limit ${WAITING_MAX}) as first_waiting
    ) as w`;
  return {
    newest: Number(row?.newest ?? 0),
    published: Number(row?.published ?? 0),
    waiting: Number(row?.waiting ?? 0),
    lagMs: Math.max(0, Math.round(row?.lag ?? 0)),
    oldestWriter: await oldestWriter(sql),
  };
}
