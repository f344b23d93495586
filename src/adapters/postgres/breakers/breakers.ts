import type { Fragment, Sql } from "postgres";
import { type BreakerPolicy, breakerState } from "../../../core/breakers/breaker.ts";
import {
  BREAKER_REASON_MAX,
  type BreakerKey,
  type BreakerPass,
  type BreakerStore,
} from "../../../ports/breaker-store.ts";
import { asked } from "../worker/worker-sql.ts";

export type PostgresBreakersOptions = {
  readonly policy: BreakerPolicy;
  /** A simulated clock, milliseconds since 1970; PostgreSQL's own when left out. */
  readonly now?: () => number;
};

type BreakerRow = {
  org: string;
  endpoint: string;
  failures: number;
  openings: number;
  open_until: string | null;
  reason: string;
  changed_at: string;
  at: string;
};

/** Breakers in one table. `close` leaves the connections open: they are the worker's. */
export function openBreakers(sql: Sql, { policy, now }: PostgresBreakersOptions): BreakerStore {
  const clock = (): Fragment =>
    now === undefined ? sql`clock_timestamp()` : sql`to_timestamp(${now()}::float8 / 1000)`;
  const ms = (milliseconds: number) => sql`${milliseconds}::float8 * interval '1 millisecond'`;
  return {
    enter: (key, token) => asked(() => enter(sql, policy, clock, key, token)),
    succeeded: ({ org, endpoint }) =>
      asked(async () => {
        await sql`delete from fraiseql.breakers where org = ${org} and endpoint = ${endpoint}`;
      }),
    failed: ({ org, endpoint }, token, reason) =>
      asked(async () => {
        const { failuresMax, openMs, openMaxMs } = policy;
        const isOpen = failuresMax <= 1;
        const opens = sql`case when b.open_until is null then b.failures + 1 >= ${failuresMax} else b.probe_token = ${token} end`;
        await sql`
          insert into fraiseql.breakers as b (org, endpoint, failures, openings, open_until, reason, changed_at)
          values (${org}, ${endpoint}, 1, ${isOpen ? 1 : 0}, ${isOpen ? sql`${clock()} + ${ms(openMs)}` : null},
            ${reason.slice(0, BREAKER_REASON_MAX)}, ${clock()})
          on conflict (org, endpoint) do update set
            failures = b.failures + 1, reason = excluded.reason, changed_at = excluded.changed_at,
            openings = b.openings + case when ${opens} then 1 else 0 end,
            open_until = case when ${opens}
              then ${clock()} + least(${openMs}::float8 * power(2, least(b.openings, 60)), ${openMaxMs}) * interval '1 millisecond'
              else b.open_until end,
            probe_token = case when ${opens} then null else b.probe_token end,
            probe_until = case when ${opens} then null else b.probe_until end`;
      }),
    list: ({ org, limit }) =>
      asked(async () => {
        const rows = await sql<BreakerRow[]>`
          select org, endpoint, failures, openings, reason, ${epoch(sql, "open_until")}, ${epoch(sql, "changed_at")},
            extract(epoch from ${clock()}) * 1000 as at
          from fraiseql.breakers ${org === undefined ? sql`` : sql`where org = ${org}`}
          order by fraiseql.breakers.changed_at desc limit ${limit}`;
        return rows.map(({ open_until, changed_at, at, ...row }) => {
          const openUntil = open_until === null ? undefined : Number(open_until);
          return {
            ...row,
            state: breakerState(openUntil, Number(at)),
            ...(openUntil === undefined ? {} : { openUntil }),
            changedAt: Number(changed_at),
          };
        });
      }),
    close: async () => {},
  };
}

function epoch(sql: Sql, column: "open_until" | "changed_at") {
  return sql`(extract(epoch from ${sql(column)}) * 1000)::bigint as ${sql(column)}`;
}

async function enter(
  sql: Sql,
  policy: BreakerPolicy,
  clock: () => Fragment,
  { org, endpoint }: BreakerKey,
  token: string,
): Promise<BreakerPass> {
  const [seen] = await sql<{ failures: number; open_for: string | null; probed_for: string | null }[]>`
    select failures, ceil(extract(epoch from open_until - ${clock()}) * 1000) as open_for,
      ceil(extract(epoch from probe_until - ${clock()}) * 1000) as probed_for
    from fraiseql.breakers where org = ${org} and endpoint = ${endpoint}`;
  if (seen === undefined || seen.open_for === null) return { kind: "closed", failures: seen?.failures ?? 0 };
  const openFor = Number(seen.open_for);
  if (openFor > 0) return { kind: "open", retryAfterMs: openFor };
  // Of several that come at once, one changes the row; the others find its token there.
  const probing = await sql`
    update fraiseql.breakers
    set probe_token = ${token}, probe_until = ${clock()} + ${policy.probeMs}::float8 * interval '1 millisecond'
    where org = ${org} and endpoint = ${endpoint} and open_until <= ${clock()}
      and (probe_until is null or probe_until <= ${clock()} or probe_token = ${token})
    returning 1`;
  if (probing.length > 0) return { kind: "probe" };
  const probedFor = Number(seen.probed_for ?? policy.openMs);
  return { kind: "open", retryAfterMs: Math.max(1, Math.min(probedFor, policy.openMs)) };
}
