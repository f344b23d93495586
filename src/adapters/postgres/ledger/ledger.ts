import type { Sql } from "postgres";
import type { Job } from "../../../core/jobs/job.ts";
import { deliveryId, jobId, roundOf } from "../../../core/jobs/job-id.ts";
import type { Decided, DecidedEvent, DeliveryState, EndedAttempt, Ledger, MatchedRule } from "../../../ports/ledger.ts";
import { asked } from "../worker/worker-sql.ts";
import { deliveriesOf } from "./deliveries.ts";

/** The ledger in PostgreSQL: one statement per call, of any number of rows. */
export function openLedger(sql: Sql): Ledger {
  return {
    decide: (decided) => asked(() => decide(sql, decided)),
    open: (jobIds) => asked(() => openOnes(sql, jobIds)),
    recordAttempts: (ended) => asked(() => recordAttempts(sql, ended)),
    openJobs: ({ after, limit }) =>
      asked(async () => {
        const rows = await sql<{ sequence: string; id: string; round: number; job: Job; due: string | null }[]>`
          select sequence, id, round, job, (extract(epoch from due_at) * 1000)::bigint as due
          from fraiseql.deliveries where state = 'open' and sequence > ${after === "" ? 0 : after}
          order by sequence limit ${limit}`;
        const jobs = rows.map(({ id, round, job, due }) => ({
          ...job,
          id: jobId(id, round),
          ...(due === null ? {} : { notBefore: Number(due) }),
        }));
        return { jobs, after: rows.at(-1)?.sequence ?? after };
      }),
    decidedEvent: (eventId) =>
      asked(async () => {
        const [row] = await sql<{ rules_version: string; matched: MatchedRule[]; decided_at: string }[]>`
          select rules_version, matched, to_char(decided_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as decided_at
          from fraiseql.decided_events where event_id = ${eventId}`;
        if (row === undefined) return undefined;
        const found: DecidedEvent = {
          rulesVersion: Number(row.rules_version),
          matched: row.matched,
          decidedAt: row.decided_at,
        };
        return found;
      }),
    counts: () =>
      asked(async () => {
        const rows = await sql<{ state: DeliveryState; count: string }[]>`
          select state, count(*) as count from fraiseql.deliveries group by state`;
        const none: Record<DeliveryState, number> = { open: 0, done: 0, cancelled: 0, discarded: 0 };
        return Object.assign(none, Object.fromEntries(rows.map(({ state, count }) => [state, Number(count)])));
      }),
    prune: (before, limit) => asked(() => prune(sql, before, limit)),
    ...deliveriesOf(sql),
  };
}

async function decide(sql: Sql, decided: readonly Decided[]): Promise<readonly Job[]> {
  if (decided.length === 0) return [];
  const events = decided.map(({ eventId, rulesVersion, matched }) => ({
    event_id: eventId,
    rules_version: rulesVersion,
    matched,
  }));
  const deliveries = decided.flatMap(({ eventId, deliveries }) =>
    deliveries.map(({ job, ruleName, ruleVersion, actionIndex, actionKind }) => ({
      id: deliveryId({ eventId, ruleName, ruleVersion, actionIndex }),
      job,
      event_id: eventId,
      rule_name: ruleName,
      rule_version: ruleVersion,
      action_index: actionIndex,
      action_kind: actionKind,
      org: job.org,
    })),
  );
  const rows = await sql<{ id: string; round: number; job: Job }[]>`
    with given as (
      select * from jsonb_to_recordset(${sql.json(events as never)}) as e(event_id text, rules_version bigint, matched jsonb)
    ), fresh as (
      insert into fraiseql.decided_events (event_id, rules_version, matched)
      select event_id, rules_version, matched from given
      on conflict do nothing returning event_id
    ), made as (
      insert into fraiseql.deliveries
        (id, job, state, event_id, rule_name, rule_version, action_index, action_kind, org)
      select id, job, 'open', event_id, rule_name, rule_version, action_index, action_kind, org
      from rows from (jsonb_to_recordset(${sql.json(deliveries as never)}) as (
        id text, job jsonb, event_id text, rule_name text, rule_version integer, action_index integer,
        action_kind text, org text)) with ordinality as d(
        id, job, event_id, rule_name, rule_version, action_index, action_kind, org, place)
      join fresh using (event_id)
      order by place
      on conflict do nothing returning id, round, job, sequence
    )
    select id, round, job, sequence from made
    union all
    select d.id, d.round, d.job, d.sequence
    from given cross join lateral (
      select id, round, job, state, sequence from fraiseql.deliveries d where d.event_id = given.event_id offset 0) d
    where not exists (select from fresh where fresh.event_id = given.event_id) and d.state = 'open'
    order by sequence`;
  return rows.map(({ id, round, job }) => ({ ...job, id: jobId(id, round) }));
}

async function openOnes(sql: Sql, jobIds: readonly string[]) {
  const wanted = jobIds.map(roundOf);
  // An open one has no end; the index of open ones holds all that ever were until it is vacuumed.
  const rows = await sql<{ id: string; round: number; attempts: number; attempts_before: number }[]>`
    select id, round, attempts, attempts_before from fraiseql.deliveries
    where id = any(${wanted.map(({ delivery }) => delivery)}) and ended_at is null`;
  const known = new Map(rows.map((row) => [jobId(row.id, row.round), row]));
  return jobIds.map((id) => {
    const row = known.get(id);
    return row && { attempts: row.attempts, roundAttempts: row.attempts - row.attempts_before };
  });
}

async function recordAttempts(sql: Sql, ended: readonly EndedAttempt[]): Promise<void> {
  if (ended.length === 0) return;
  const given = ended.map(({ jobId: job, attempt, ended: state }) => ({
    ...roundOf(job),
    attempt: attempt.attempt,
    started_at: attempt.startedAt,
    duration_ms: attempt.durationMs,
    outcome: attempt.outcome,
    reason: attempt.reason ?? null,
    facts: attempt.facts,
    next_at: attempt.nextAt ?? null,
    state: state ?? null,
  }));
  await sql`select fraiseql.record_attempts(${sql.json(given as never)})`;
}

async function prune(sql: Sql, before: number, limit: number): Promise<number> {
  const [row] = await sql<{ count: string }[]>`
    with deliveries as (
      delete from fraiseql.deliveries where sequence in (
        select sequence from fraiseql.deliveries
        where state in ('done', 'cancelled') and ended_at < to_timestamp(${before} / 1000.0) limit ${limit})
      returning 1
    ), events as (
      delete from fraiseql.decided_events where event_id in (
        select event_id from fraiseql.decided_events e
        where decided_at < to_timestamp(${before} / 1000.0)
          and not exists (select from fraiseql.deliveries d where d.event_id = e.event_id)
        limit ${limit})
      returning 1
    ), effects as (
      -- A delivery that may still be attempted has to find what it did.
      delete from fraiseql.action_effects where id in (
        select id from fraiseql.action_effects e
        where done_at < to_timestamp(${before} / 1000.0)
          and not exists (select from fraiseql.deliveries d where d.id = e.id and d.state in ('open', 'discarded'))
        limit ${limit})
      returning 1
    ), breakers as (
      delete from fraiseql.breakers where (org, endpoint) in (
        select org, endpoint from fraiseql.breakers where changed_at < to_timestamp(${before} / 1000.0) limit ${limit})
    ), leases as (
      -- Each process that is dispatching has one under a name of its own.
      delete from fraiseql.leases where starts_with(name, 'dispatcher:') and expires_at < to_timestamp(${before} / 1000.0)
    )
    select (select count(*) from deliveries) + (select count(*) from events) + (select count(*) from effects) as count`;
  return Number(row?.count ?? 0);
}
