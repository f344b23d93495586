-- What actions of kind `database` did: written in the transaction of the effect, so that there is one per delivery.
create table fraiseql.action_effects (
  id text primary key,
  done_at timestamptz not null default now()
);
create index action_effects_age on fraiseql.action_effects (done_at);

-- Receivers that fail: one row per org and endpoint as long as the last attempts failed; none where all is well.
create table fraiseql.breakers (
  org text not null,
  endpoint text not null,
  -- Attempts that failed since the last one that did not.
  failures integer not null,
  -- How often it opened since then; each time it stays open for longer.
  openings integer not null,
  -- Until then nothing is sent; null while it is closed.
  open_until timestamptz,
  -- The one attempt that may find out whether the receiver is back has until then.
  probe_until timestamptz,
  probe_token text,
  reason text not null,
  changed_at timestamptz not null default now(),
  primary key (org, endpoint)
);
create index breakers_age on fraiseql.breakers (changed_at);
