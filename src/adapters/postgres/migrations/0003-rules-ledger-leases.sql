-- Who does what only one may do at a time; the fence grows with each change of hands.
create table fraiseql.leases (
  name text primary key,
  holder text not null,
  fence bigint not null,
  expires_at timestamptz not null
);

-- One row: the version of the set of all rules. Its lock makes changes of rules one after the other.
create table fraiseql.rule_set (
  only_row boolean primary key default true check (only_row),
  version bigint not null
);
insert into fraiseql.rule_set (version) values (0);

-- Every version a rule ever had, with the versions of the set that held it: from `since` to before `until`.
create table fraiseql.rule_versions (
  name text not null,
  version integer not null,
  definition jsonb not null,
  since bigint not null,
  until bigint,
  changed_at timestamptz not null default now(),
  changed_by text not null,
  primary key (name, version)
);
create unique index rule_versions_current on fraiseql.rule_versions (name) where until is null;

-- Who changed what. Rows are only ever added.
create table fraiseql.audit (
  id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  actor text not null,
  action text not null,
  resource text not null,
  details jsonb not null
);

-- Events that rules have decided on. Written once; a later set of rules does not decide again.
create table fraiseql.decided_events (
  event_id text primary key,
  rules_version bigint not null,
  matched jsonb not null,
  decided_at timestamptz not null default now()
);
create index decided_events_age on fraiseql.decided_events (decided_at);

-- What is to be done, one row per event, rule and action: what the queue is rebuilt from. A replay is one round more.
create table fraiseql.deliveries (
  sequence bigint generated always as identity primary key,
  id text not null unique,
  -- The job of the first round; a later round has the same under another id.
  job jsonb not null,
  state text not null check (state in ('open', 'done', 'cancelled', 'discarded')),
  event_id text not null,
  rule_name text not null,
  rule_version integer not null,
  action_index integer not null,
  action_kind text not null,
  org text not null,
  round integer not null default 0,
  attempts integer not null default 0,
  -- Of those, the ones of earlier rounds.
  attempts_before integer not null default 0,
  due_at timestamptz,
  last_error text,
  created_at timestamptz not null default now(),
  ended_at timestamptz
);
create index deliveries_open on fraiseql.deliveries (sequence) where state = 'open';
create index deliveries_discarded on fraiseql.deliveries (sequence) where state = 'discarded';
create index deliveries_event on fraiseql.deliveries (event_id);
create index deliveries_ended on fraiseql.deliveries (ended_at) where state in ('done', 'cancelled');

create table fraiseql.attempts (
  delivery_id text not null references fraiseql.deliveries (id) on delete cascade,
  attempt integer not null,
  started_at timestamptz not null,
  duration_ms double precision not null,
  outcome text not null,
  reason text,
  facts jsonb not null,
  next_at timestamptz,
  primary key (delivery_id, attempt)
);

-- Writes down how attempts ended, of deliveries that are open in the round of the attempt: those without an end. One by one,
-- each found by its id: for all at once a plan that was made while the table was empty would read it from end to end.
create function fraiseql.record_attempts(ended jsonb) returns void
language plpgsql set search_path = pg_catalog, pg_temp
set enable_seqscan = off set enable_bitmapscan = off set plan_cache_mode = force_generic_plan
as $$
declare
  one record;
begin
  for one in
    select * from jsonb_to_recordset(ended) as given(
      delivery text, round integer, attempt integer, started_at timestamptz, duration_ms double precision,
      outcome text, reason text, facts jsonb, next_at timestamptz, state text)
  loop
    update fraiseql.deliveries d set
      attempts = greatest(d.attempts, one.attempt),
      due_at = one.next_at,
      last_error = coalesce(one.reason, d.last_error),
      state = coalesce(one.state, d.state),
      ended_at = case when one.state is null then null else clock_timestamp() end
    where d.id = one.delivery and d.round = one.round and d.ended_at is null;
    if found then
      insert into fraiseql.attempts (delivery_id, attempt, started_at, duration_ms, outcome, reason, facts, next_at)
      values (one.delivery, one.attempt, one.started_at, one.duration_ms, one.outcome, one.reason, one.facts, one.next_at)
      on conflict do nothing;
    end if;
  end loop;
end
$$;
