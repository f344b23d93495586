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
) with (fillfactor = 80);

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
