-- The bus again, with less work for each message: they come as arrays, and nothing is looked up twice.

drop function fraiseql.bus_publish(jsonb, integer);

-- One publisher at a time: so the order of sequences is the order in which they can be seen. Gives the largest sequence
-- that one of the messages has.
create function fraiseql.bus_publish(ids text[], subjects text[], bodies text[], slot_seconds integer) returns bigint
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  state fraiseql.bus;
  now_slot integer := (extract(epoch from clock_timestamp())::bigint / slot_seconds) % 8;
  added integer;
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
      select from fraiseql.bus_messages b where b.id = given.id and b.slot in (now_slot, (now_slot + 7) % 8))
  )
  insert into fraiseql.bus_messages (slot, shard, sequence, id, subject, body)
  select now_slot, split_part(subject, '.', 3)::integer, state.last_sequence + number, id, subject, body from fresh;
  get diagnostics added = row_count;
  if added > 0 then
    update fraiseql.bus set last_sequence = state.last_sequence + added;
    perform pg_notify('fraiseql_bus', '');
    -- Sequences ascend: what was added now has the largest.
    return state.last_sequence + added;
  end if;
  return (
    select max(b.sequence) from fraiseql.bus_messages b
    where b.id = any(ids) and b.slot in (now_slot, (now_slot + 7) % 8));
end
$$;

-- New messages are read once, not again by their sequences.
create or replace function fraiseql.bus_claim(of_shard integer, at_most integer, ack_wait_ms double precision)
returns table (sequence bigint, attempt integer, id text, subject text, body text)
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  begun bigint;
  due timestamptz := clock_timestamp() + ack_wait_ms * interval '1 millisecond';
begin
  select given_to into begun from fraiseql.bus_shards s where s.shard = of_shard for update;
  return query
    with late as (
      update fraiseql.bus_given g set attempt = g.attempt + 1, due_at = due
      where g.shard = of_shard and g.sequence in (
        select l.sequence from fraiseql.bus_given l
        where l.shard = of_shard and l.due_at <= clock_timestamp() order by l.sequence limit at_most)
      returning g.sequence, g.attempt
    ), new as (
      select m.sequence, m.id, m.subject, m.body from fraiseql.bus_messages m
      where m.shard = of_shard and m.sequence > begun
      order by m.sequence limit at_most - (select count(*) from late)
    ), given as (
      insert into fraiseql.bus_given (shard, sequence, attempt, due_at) select of_shard, n.sequence, 1, due from new n
    ), moved as (
      update fraiseql.bus_shards s set given_to = n.top
      from (select max(n.sequence) as top from new n) n where s.shard = of_shard and n.top is not null
    )
    select b.sequence, b.attempt, m.id, m.subject, m.body
    from late b join fraiseql.bus_messages m on m.shard = of_shard and m.sequence = b.sequence
    union all
    select n.sequence, 1, n.id, n.subject, n.body from new n
    order by 1;
end
$$;
