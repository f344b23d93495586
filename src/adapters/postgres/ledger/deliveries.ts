/** What people ask of the ledger: lists, details, replays. */
import type { Fragment, Sql } from "postgres";
import { FraiseqlError } from "../../../core/errors.ts";
import type { Job } from "../../../core/jobs/job.ts";
import { jobId } from "../../../core/jobs/job-id.ts";
import type { AttemptFacts } from "../../../ports/action.ts";
import type { Attempt, Delivery, DeliveryFilter, DeliveryState, Ledger } from "../../../ports/ledger.ts";
import { asked } from "../worker/worker-sql.ts";

type DeliveryRow = {
  id: string;
  state: DeliveryState;
  event_id: string;
  rule_name: string;
  rule_version: number;
  action_index: number;
  action_kind: string;
  org: string;
  round: number;
  attempts: number;
  created_at: string;
  ended_at: string | null;
  due_at: string | null;
  last_error: string | null;
};

type AttemptRow = {
  attempt: number;
  started_at: string;
  duration_ms: number;
  outcome: Attempt["outcome"];
  reason: string | null;
  facts: AttemptFacts;
  next_at: string | null;
};

/** A page after one that was forgotten meanwhile would look like the end of the list. */
async function refuseUnknown(sql: Sql, after: string): Promise<void> {
  const [known] = await sql`select from fraiseql.deliveries where id = ${after}`;
  if (known === undefined) {
    throw new FraiseqlError("NOT_FOUND", `There is no delivery ${after} that a page could follow; begin anew.`);
  }
}

/** The part of the ledger that operators look at and act on. */
export function deliveriesOf(sql: Sql): Pick<Ledger, "deliveries" | "delivery" | "replay" | "cancel"> {
  const time = (column: string) =>
    sql`to_char(${sql(column)} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as ${sql(column)}`;
  const columns = sql`id, state, event_id, rule_name, rule_version, action_index, action_kind, org, round, attempts,
    last_error, ${time("created_at")}, ${time("ended_at")}, ${time("due_at")}`;
  return {
    deliveries: (filter, { limit, after }) =>
      asked(async () => {
        const later =
          after === undefined
            ? sql``
            : sql`and sequence < (select sequence from fraiseql.deliveries where id = ${after})`;
        const rows = await sql<DeliveryRow[]>`
          select ${columns} from fraiseql.deliveries where ${fits(sql, filter)} ${later}
          order by sequence desc limit ${limit}`;
        if (rows.length === 0 && after !== undefined) await refuseUnknown(sql, after);
        return rows.map(delivery);
      }),
    delivery: (id) =>
      asked(async () => {
        const [row] = await sql<DeliveryRow[]>`select ${columns} from fraiseql.deliveries where id = ${id}`;
        if (row === undefined) return undefined;
        const attempts = await sql<AttemptRow[]>`
          select attempt, ${time("started_at")}, duration_ms, outcome, reason, facts, ${time("next_at")}
          from fraiseql.attempts where delivery_id = ${id} order by attempt`;
        return { delivery: delivery(row), attempts: attempts.map(attempt) };
      }),
    replay: (filter, { limit, after }) =>
      asked(async () => {
        const later =
          after === undefined
            ? sql``
            : sql`and sequence > (select sequence from fraiseql.deliveries where id = ${after})`;
        const rows = await sql<{ id: string; round: number; job: Job }[]>`
          with opened as (
            update fraiseql.deliveries set state = 'open', round = round + 1, attempts_before = attempts,
              due_at = null, ended_at = null
            where sequence in (
              select sequence from fraiseql.deliveries where state = 'discarded' and ${fits(sql, filter)} ${later}
              order by sequence limit ${limit} for update skip locked)
            returning sequence, id, round, job)
          select id, round, job from opened order by sequence`;
        return rows.map(({ id, round, job }) => ({ ...job, id: jobId(id, round) }));
      }),
    cancel: (filter, limit) =>
      asked(async () => {
        const rows = await sql<{ id: string; round: number }[]>`
          update fraiseql.deliveries set state = 'cancelled', ended_at = clock_timestamp(), due_at = null
          where sequence in (
            select sequence from fraiseql.deliveries where state in ('open', 'discarded') and ${fits(sql, filter)}
            order by sequence limit ${limit} for update skip locked)
          returning id, round`;
        return rows.map(({ id, round }) => jobId(id, round));
      }),
  };
}

function fits(sql: Sql, filter: DeliveryFilter): Fragment {
  const { ids, state, org, ruleName, actionKind, eventId, error } = filter;
  return sql`true
    ${ids === undefined ? sql`` : sql`and id = any(${[...ids]})`}
    ${state === undefined ? sql`` : sql`and state = ${state}`}
    ${org === undefined ? sql`` : sql`and org = ${org}`}
    ${ruleName === undefined ? sql`` : sql`and rule_name = ${ruleName}`}
    ${actionKind === undefined ? sql`` : sql`and action_kind = ${actionKind}`}
    ${eventId === undefined ? sql`` : sql`and event_id = ${eventId}`}
    ${error === undefined ? sql`` : sql`and position(${error} in last_error) > 0`}`;
}

function delivery(row: DeliveryRow): Delivery {
  return {
    id: row.id,
    state: row.state,
    eventId: row.event_id,
    ruleName: row.rule_name,
    ruleVersion: row.rule_version,
    actionIndex: row.action_index,
    actionKind: row.action_kind,
    org: row.org,
    round: row.round,
    attempts: row.attempts,
    createdAt: row.created_at,
    ...(row.ended_at === null ? {} : { endedAt: row.ended_at }),
    ...(row.due_at === null ? {} : { dueAt: row.due_at }),
    ...(row.last_error === null ? {} : { lastError: row.last_error }),
  };
}

function attempt(row: AttemptRow): Attempt {
  return {
    attempt: row.attempt,
    startedAt: row.started_at,
    durationMs: row.duration_ms,
    outcome: row.outcome,
    ...(row.reason === null ? {} : { reason: row.reason }),
    facts: row.facts,
    ...(row.next_at === null ? {} : { nextAt: row.next_at }),
  };
}
