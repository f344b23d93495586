-- The event bus of installations without NATS: a log in shards, what is given out of it, and what was refused. Its functions
-- find rows along the indexes, whatever the planner thinks of a log that was empty a moment ago or has a million messages, and
-- keep their plans: making one takes longer than most of what they do.

create table fraiseql.bus (
  incarnation uuid not null default gen_random_uuid(),
  last_sequence bigint not null default 0,
  slot integer not null default 0,
  only_row boolean primary key default true check (only_row)
) with (fillfactor = 10);
insert into fraiseql.bus default values;

-- A ring: each slot holds a span of time, and is emptied when its turn comes again. Nothing is deleted row by row.
create table fraiseql.bus_messages (
  slot integer not null,
  shard integer not null,
  sequence bigint not null,
  id text not null,
  subject text not null,
  body text not null
) partition by list (slot);
do $$
begin
  for slot in 0..7 loop
    execute format('create table fraiseql.bus_messages_%s partition of fraiseql.bus_messages for values in (%s)', slot, slot);
    execute format('create unique index on fraiseql.bus_messages_%s (shard, sequence)', slot);
    execute format('create index on fraiseql.bus_messages_%s (id)', slot);
  end loop;
end
$$;

create table fraiseql.bus_shards (
  shard integer primary key,
  -- Up to where its messages were given out for the first time.
  given_to bigint not null default 0,
  -- All up to here are ended: what is still given out is looked for behind it, and not among rows that were deleted.
  ended_to bigint not null default 0
) with (fillfactor = 10);
insert into fraiseql.bus_shards (shard) select generate_series(0, 15);

-- What was given out and is not ended.
create table fraiseql.bus_given (
  shard integer not null,
  sequence bigint not null,
  attempt integer not null,
  due_at timestamptz not null,
  primary key (shard, sequence)
) with (fillfactor = 70);

create table fraiseql.bus_refused (
  sequence bigint primary key,
  id text not null,
  subject text not null,
  body text not null,
  reason text not null,
  refused_at timestamptz not null default clock_timestamp()
);

-- One publisher at a time: so the order of sequences is the order in which they can be seen. Gives the largest sequence
-- that one of the messages has. Who listens hears which publisher put something into which shards.
create function fraiseql.bus_publish(ids text[], subjects text[], bodies text[], slot_seconds integer, publisher text) returns bigint
language plpgsql set search_path = pg_catalog, pg_temp
set enable_seqscan = off set enable_bitmapscan = off set enable_hashjoin = off set enable_mergejoin = off set enable_material = off
set plan_cache_mode = force_generic_plan
as $$
declare
  state fraiseql.bus;
  now_slot integer := (extract(epoch from clock_timestamp())::bigint / slot_seconds) % 8;
  added integer;
  shards text;
begin
  select * into state from fraiseql.bus for update;
  if state.slot <> now_slot then
    perform fraiseql.bus_turn(now_slot);
    update fraiseql.bus set slot = now_slot;
  end if;
  -- An id is looked for in this span of time and the last.
  with given as (
    select distinct on (id) id, subject, body, place
    from unnest(ids, subjects, bodies) with ordinality as e (id, subject, body, place)
    order by id, place
  ), fresh as (
    select *, row_number() over (order by place) as number from given
    where not exists (
      select from fraiseql.bus_messages b where b.id = given.id and b.slot in (now_slot, (now_slot + 7) % 8) offset 0)
  ), put as (
    insert into fraiseql.bus_messages (slot, shard, sequence, id, subject, body)
    select now_slot, split_part(subject, '.', 3)::integer, state.last_sequence + number, id, subject, body from fresh
    returning bus_messages.shard
  )
  select count(*), string_agg(distinct shard::text, ',') into added, shards from put;
  if added > 0 then
    update fraiseql.bus set last_sequence = state.last_sequence + added;
    perform pg_notify('fraiseql_bus', publisher || ' ' || shards);
    -- Sequences ascend: what was added now has the largest.
    return state.last_sequence + added;
  end if;
  return (
    select max(b.sequence) from fraiseql.bus_messages b
    where b.id = any(ids) and b.slot in (now_slot, (now_slot + 7) % 8));
end
$$;

-- Empties the slot whose turn has come, unless a message in it still waits for its end.
create function fraiseql.bus_turn(next_slot integer) returns void
language plpgsql set search_path = pg_catalog, pg_temp set lock_timeout = '200ms'
set enable_seqscan = off set enable_bitmapscan = off set enable_hashjoin = off set enable_mergejoin = off set enable_material = off
as $$
begin
  delete from fraiseql.bus_refused where refused_at < clock_timestamp() - interval '90 days';
  if exists (
      select from fraiseql.bus_shards s where exists (
        select from fraiseql.bus_messages m where m.slot = next_slot and m.shard = s.shard and m.sequence > s.given_to offset 0))
    or exists (
      select from fraiseql.bus_given g where exists (
        select from fraiseql.bus_messages m where m.slot = next_slot and m.shard = g.shard and m.sequence = g.sequence offset 0))
  then
    return;
  end if;
  execute format('truncate fraiseql.bus_messages_%s', next_slot);
exception when lock_not_available then
  return;
end
$$;

-- Gives out at most so many messages of a shard: first those whose time is over, then new ones. Left to itself the planner
-- would read the log from its beginning to see whether one is new.
create function fraiseql.bus_claim(of_shard integer, at_most integer, ack_wait_ms double precision)
returns table (sequence bigint, attempt integer, id text, subject text, body text)
language plpgsql set search_path = pg_catalog, pg_temp
set enable_seqscan = off set enable_bitmapscan = off set enable_hashjoin = off set enable_mergejoin = off set enable_material = off
set plan_cache_mode = force_generic_plan
as $$
declare
  begun bigint;
  ended bigint;
  due timestamptz := clock_timestamp() + ack_wait_ms * interval '1 millisecond';
begin
  select s.given_to, s.ended_to into begun, ended from fraiseql.bus_shards s where s.shard = of_shard;
  -- Most looks of an idle reader find nothing: they lock nothing and write nothing.
  if not exists (select from fraiseql.bus_messages m where m.shard = of_shard and m.sequence > begun)
    and not exists (
      select from fraiseql.bus_given g where g.shard = of_shard and g.sequence > ended and g.due_at <= clock_timestamp())
  then
    return;
  end if;
  select s.given_to, s.ended_to into begun, ended from fraiseql.bus_shards s where s.shard = of_shard for update;
  return query
    with late as (
      update fraiseql.bus_given g set attempt = g.attempt + 1, due_at = due
      where g.shard = of_shard and g.sequence in (
        select l.sequence from fraiseql.bus_given l
        where l.shard = of_shard and l.sequence > ended and l.due_at <= clock_timestamp()
        order by l.sequence limit at_most)
      returning g.sequence, g.attempt
    ), new as (
      select m.sequence, m.id, m.subject, m.body from fraiseql.bus_messages m
      where m.shard = of_shard and m.sequence > begun
      order by m.sequence limit at_most - (select count(*) from late)
    ), given as (
      insert into fraiseql.bus_given (shard, sequence, attempt, due_at) select of_shard, n.sequence, 1, due from new n
    ), moved as (
      update fraiseql.bus_shards s set given_to = n.top,
        ended_to = coalesce((select min(g.sequence) - 1 from fraiseql.bus_given g where g.shard = of_shard and g.sequence > ended), begun)
      from (select max(n.sequence) as top from new n) n where s.shard = of_shard and n.top is not null
    )
    select b.sequence, b.attempt, m.id, m.subject, m.body
    from late b join fraiseql.bus_messages m on m.shard = of_shard and m.sequence = b.sequence
    union all
    select n.sequence, 1, n.id, n.subject, n.body from new n
    order by 1;
end
$$;
