-- The job queue where PostgreSQL keeps it. It can be made anew from fraiseql.deliveries.
create sequence fraiseql.job_endings;

create table fraiseql.jobs (
  id text primary key,
  org text not null,
  unique_key text,
  state text not null
    check (state in ('available', 'running', 'completed', 'scheduled', 'retryable', 'cancelled', 'discarded')),
  attempts integer not null default 0,
  attempts_max integer not null,
  -- Of an available job, its turn in virtual time: the smallest is next.
  turn bigint,
  -- Milliseconds since 1970: of a running job the end of its lease, of a waiting one when it may be run.
  due_at bigint not null,
  token text,
  -- By which its last attempt was ended: what is said twice is known by it.
  ended_token text,
  -- Ended jobs are forgotten in this order.
  ended bigint,
  -- Discarded since a worker was lost; kept whole until it is taken.
  abandoned boolean not null default false,
  not_before bigint,
  retry json,
  timeout_ms integer,
  payload text
-- Claims walk along the indexes over what earlier ones left behind: it is removed by the thousand, not by the share.
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

create unique index jobs_unique on fraiseql.jobs (org, unique_key)
  where unique_key is not null and ended is null;
create index jobs_turn on fraiseql.jobs (turn) where state = 'available';
create index jobs_due on fraiseql.jobs (due_at) where state in ('running', 'scheduled', 'retryable');
create index jobs_ended on fraiseql.jobs (ended) where ended is not null and not abandoned;
create index jobs_abandoned on fraiseql.jobs (ended) where abandoned;

-- The next free turn of each org. Rows that lie behind the present say nothing and are removed.
create table fraiseql.job_turns (org text primary key, next bigint not null);

-- One row: the latest turn that was given. Who comes anew starts here, so that having been idle earns nothing.
create table fraiseql.job_present (
  only_row boolean primary key default true check (only_row),
  turn bigint not null
);
insert into fraiseql.job_present (turn) values (0);

-- Claims and ends. Rows are found by their keys and in the order of the indexes, whatever the planner thinks of a table that
-- was empty a moment ago; plans are kept, since making one takes long beside what it does. Times are milliseconds since 1970.

-- Wakes what is due, 500 at most, and gives out the jobs whose turn it is. What is due gets its turn; a lost lease too, or,
-- its attempts used up, its job is abandoned. Jobs are locked before orgs here and after them by who enqueues, but only those
-- that are there already, for which nobody waits who enqueues.
create function fraiseql.claim_jobs(given_token text, at_most integer, lease_ms bigint, at_time bigint)
returns setof fraiseql.jobs
language plpgsql set search_path = pg_catalog, pg_temp
set enable_seqscan = off set enable_bitmapscan = off set enable_hashjoin = off set enable_mergejoin = off set enable_material = off
set plan_cache_mode = force_generic_plan
as $$
begin
  with due as materialized (
    select id, org, due_at, state = 'running' and attempts >= attempts_max as lost from fraiseql.jobs
    where state in ('running', 'scheduled', 'retryable') and due_at <= at_time
    order by due_at limit 500 for update skip locked
  ), numbered as (
    select id, org, row_number() over (partition by org order by due_at, id) as place,
      count(*) over (partition by org) as size
    from due where not lost
  ), turns as (
    insert into fraiseql.job_turns as held (org, next)
    select org, (select turn from fraiseql.job_present) + count(*) from numbered group by org order by org
    on conflict (org) do update set next =
      greatest(held.next, (select turn from fraiseql.job_present)) + excluded.next - (select turn from fraiseql.job_present)
    returning org, next
  ), woken as (
    update fraiseql.jobs set state = 'available', token = null, turn = next - size + place - 1
    from numbered join turns using (org) where jobs.id = numbered.id
  )
  update fraiseql.jobs set state = 'discarded', token = null, abandoned = true, ended = nextval('fraiseql.job_endings')
  from due where jobs.id = due.id and due.lost;
  return query
    with picked as materialized (
      select id from fraiseql.jobs where state = 'available' order by turn limit at_most for update skip locked
    ), taken as (
      update fraiseql.jobs set state = 'running', attempts = attempts + 1, token = given_token, ended_token = null,
        due_at = at_time + lease_ms
      from picked where jobs.id = picked.id
      returning jobs.*
    ), present as (
      update fraiseql.job_present set turn = (select max(turn) from taken)
      where turn < (select max(turn) from taken)
    )
    select * from taken order by turn;
end
$$;

-- Of those told, gives the ones whose token held when it was first told. Ended jobs stay known, the newest 100,000; what one
-- call forgets of them, and of orgs without a turn ahead, is more than it can add.
create function fraiseql.end_jobs(ended_jobs json, at_time bigint) returns table (job text, by_token text)
language plpgsql set search_path = pg_catalog, pg_temp
set enable_seqscan = off set enable_bitmapscan = off set enable_hashjoin = off set enable_mergejoin = off set enable_material = off
set plan_cache_mode = force_generic_plan
as $$
begin
  return query
    with told as materialized (
      select * from json_to_recordset(ended_jobs)
        as one (id text, token text, state text, over boolean, delay bigint, back integer)
    ), done as (
      update fraiseql.jobs set state = told.state, token = null, ended_token = told.token,
        attempts = attempts - back, due_at = at_time + delay,
        ended = case when over then nextval('fraiseql.job_endings') end,
        payload = case when over then null else payload end, retry = case when over then null else retry end
      from told where jobs.id = told.id and jobs.token = told.token
      returning jobs.id, ended_token
    ), forgotten as (
      delete from fraiseql.jobs where id in (
        select id from fraiseql.jobs
        where ended <= (select last_value from fraiseql.job_endings) - 100000 and ended is not null and not abandoned
        order by ended limit 2000 for update skip locked)
    ), idle as (
      delete from fraiseql.job_turns where org in (
        select org from fraiseql.job_turns
        where next <= (select turn from fraiseql.job_present) limit 2000 for update skip locked)
    )
    select done.id, done.ended_token from done
    union all select told.id, told.token from told join fraiseql.jobs on jobs.id = told.id and jobs.ended_token = told.token;
end
$$;
