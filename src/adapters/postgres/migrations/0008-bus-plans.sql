-- Statements of the bus whose plans hold whatever the tables have by then. The planner makes them when these are empty, or
-- knows nothing of what came since, and then joins by reading everything: claims took seconds behind a few thousand messages.

create or replace function fraiseql.bus_claim(of_shard integer, at_most integer, ack_wait_ms double precision)
returns table (sequence bigint, attempt integer, id text, subject text, body text)
language plpgsql set search_path = pg_catalog, pg_temp
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  begun bigint;
  due timestamptz := clock_timestamp() + ack_wait_ms * interval '1 millisecond';
begin
  select given_to into begun from fraiseql.bus_shards s where s.shard = of_shard for update;
  return query
    with late as (
      update fraiseql.bus_given g set attempt = g.attempt + 1, due_at = due
      where g.shard = of_shard and g.sequence = any (array(
        select l.sequence from fraiseql.bus_given l
        where l.shard = of_shard and l.due_at <= clock_timestamp() order by l.sequence limit at_most))
      returning g.sequence, g.attempt
    ), new as materialized (
      select m.sequence, m.id, m.subject, m.body from fraiseql.bus_messages m
      where m.shard = of_shard and m.sequence > begun
      order by m.sequence limit at_most - (select count(*) from late)
    ), given as (
      insert into fraiseql.bus_given (shard, sequence, attempt, due_at) select of_shard, n.sequence, 1, due from new n
    ), moved as (
      update fraiseql.bus_shards s set given_to = n.top
      from (select max(n.sequence) as top from new n) n where s.shard = of_shard and n.top is not null
    )
    select l.sequence, l.attempt, m.id, m.subject, m.body
    from late l cross join lateral (
      select b.id, b.subject, b.body from fraiseql.bus_messages b
      where b.shard = of_shard and b.sequence = l.sequence limit 1) m
    union all
    select n.sequence, 1, n.id, n.subject, n.body from new n
    order by 1;
end
$$;

alter function fraiseql.bus_publish(jsonb, integer) set enable_seqscan = off;
alter function fraiseql.bus_publish(jsonb, integer) set enable_hashjoin = off;
alter function fraiseql.bus_publish(jsonb, integer) set enable_mergejoin = off;
