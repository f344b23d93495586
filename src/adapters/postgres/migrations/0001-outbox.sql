-- Positions are unique within an epoch. A database that was restored, copied or promoted may give positions again that
-- another history of it has given to other changes: there a new epoch begins.
create table fraiseql.epochs (
  epoch text primary key,
  first_position bigint not null unique,
  place text not null,
  begun_at timestamptz not null default now()
);

-- The cluster, its timeline and the database.
create function fraiseql.place() returns text language sql stable set search_path = pg_catalog as $$
  select (select system_identifier from pg_control_system()) || ':' || left(pg_walfile_name(pg_current_wal_lsn()), 8) || ':' ||
    (select oid from pg_database where datname = current_database())
$$;

-- The relay stops at a position that is missing until it is certain that nobody can come with it. That needs positions
-- drawn one by one (cache 1), by who has a transaction id and holds the lock of the row.
create sequence fraiseql.outbox_position as bigint cache 1;

create table fraiseql.outbox (
  position bigint not null default nextval('fraiseql.outbox_position'),
  -- The part of the ring: parts are emptied as a whole, rows are never deleted one by one.
  slot smallint not null,
  table_name text not null,
  operation text not null,
  key text not null,
  -- JSON, as text: nobody here looks into it.
  before text,
  after text,
  -- Of before and after together; above 262144 they are not carried on the bus.
  bytes integer not null,
  org text,
  actor text,
  traceparent text,
  cause text,
  occurred_at timestamptz not null default clock_timestamp()
) partition by list (slot);
create index outbox_position_order on fraiseql.outbox (position);

do $$
begin
  for slot in 0..15 loop
    execute format('create table fraiseql.outbox_%s partition of fraiseql.outbox for values in (%s)', slot, slot);
  end loop;
end
$$;

-- Which part of the ring is written now, and since when.
create table fraiseql.outbox_ring (
  only_row boolean primary key default true check (only_row),
  slot smallint not null check (slot between 0 and 15),
  since timestamptz not null
);
insert into fraiseql.outbox_ring (slot, since) values (0, clock_timestamp());

-- How far the outbox is on the bus, by whom (the fence of the relay's lease), and how far the bus went by then.
create table fraiseql.relay (
  only_row boolean primary key default true check (only_row),
  fence bigint not null,
  position bigint not null,
  bus_incarnation text,
  bus_sequence bigint not null,
  stored_at timestamptz not null
) with (fillfactor = 10);
insert into fraiseql.relay (fence, position, bus_sequence, stored_at) values (0, 0, 0, clock_timestamp());

-- All up to the position is on the bus at or before the sequence: where to begin again when the bus went back.
create table fraiseql.relay_marks (
  position bigint primary key,
  bus_incarnation text not null,
  bus_sequence bigint not null,
  marked_at timestamptz not null default clock_timestamp()
);

-- How often an event was published again because somebody asked for it.
create table fraiseql.replays (
  event_id text primary key,
  count integer not null,
  asked_at timestamptz not null default clock_timestamp()
);

insert into fraiseql.epochs (epoch, first_position, place)
values (left(replace(gen_random_uuid()::text, '-', ''), 12), 1, fraiseql.place());

-- The text of the trigger function for one table. `columns` are those that events show; null shows all, new ones too.
-- Old and new rows are paired by their place in the transition tables, which PostgreSQL fills side by side: an update may
-- change keys, and a table need not have one.
create function fraiseql.capture_function(relation regclass, columns text[]) returns text
language plpgsql stable set search_path = pg_catalog as $capture$
declare
  root regclass := coalesce(pg_partition_root(relation), relation);
  root_name text := (select format('%s.%s', n.nspname, c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = root);
  image text := 'row_to_json(fraiseql_row.*)::text';
  key text := '''[]''';
  org text := 'nullif(current_setting(''fraiseql.org'', true), '''')';
  context text := 'nullif(current_setting(''fraiseql.actor'', true), ''''), nullif(current_setting(''fraiseql.traceparent'', true), ''''),
      nullif(current_setting(''fraiseql.cause'', true), '''')';
begin
  -- A virtual column has no value in a transition table: it cannot be shown.
  if columns is null and exists (select from pg_attribute where attrelid = relation and attgenerated = 'v' and not attisdropped) then
    select array_agg(attname::text order by attnum) into columns
      from pg_attribute where attrelid = relation and attnum > 0 and not attisdropped and attgenerated <> 'v';
  end if;
  if columns is not null then
    select format('(select row_to_json(fraiseql_image.*)::text from (select %s) as fraiseql_image)', string_agg(format('fraiseql_row.%I', name), ', ' order by place))
      into image from unnest(columns) with ordinality as listed (name, place);
  end if;
  select format($$'[' || concat_ws(',', %s) || ']'$$, string_agg(format('to_json(fraiseql_row.%I)::text', a.attname), ', ' order by k.place))
    into key from pg_index i, unnest(i.indkey) with ordinality as k (attnum, place), pg_attribute a
    where i.indrelid = root and i.indisprimary and a.attrelid = root and a.attnum = k.attnum having count(*) > 0;
  key := coalesce(key, '''[]''');
  if exists (select from pg_attribute where attrelid = relation and attname = 'org_id' and not attisdropped) then
    org := format('coalesce(fraiseql_row.org_id::text, %s)', org);
  end if;
  return format($function$
#variable_conflict use_column
begin
  if tg_op = 'INSERT' then
    insert into fraiseql.outbox (slot, table_name, operation, key, after, bytes, org, actor, traceparent, cause)
    select (select slot from fraiseql.outbox_ring), %1$L, 'insert', n.key, n.after, octet_length(n.after), n.org, %5$s
    from (select %2$s as after, %3$s as key, %4$s as org from new_rows as fraiseql_row offset 0) as n;
  elsif tg_op = 'UPDATE' then
    insert into fraiseql.outbox (slot, table_name, operation, key, before, after, bytes, org, actor, traceparent, cause)
    select (select slot from fraiseql.outbox_ring), %1$L, 'update', n.key, o.before, n.after, octet_length(o.before) + octet_length(n.after), n.org, %5$s
    from (select row_number() over () as place, %2$s as before, %3$s as key from old_rows as fraiseql_row offset 0) as o
    join (select row_number() over () as place, %2$s as after, %3$s as key, %4$s as org from new_rows as fraiseql_row offset 0) as n on n.place = o.place
    where o.before <> n.after or o.key <> n.key
    order by n.place;
  elsif tg_op = 'DELETE' then
    insert into fraiseql.outbox (slot, table_name, operation, key, before, bytes, org, actor, traceparent, cause)
    select (select slot from fraiseql.outbox_ring), %1$L, 'delete', o.key, o.before, octet_length(o.before), o.org, %5$s
    from (select %2$s as before, %3$s as key, %4$s as org from old_rows as fraiseql_row offset 0) as o;
  else
    insert into fraiseql.outbox (slot, table_name, operation, key, bytes, org, actor, traceparent, cause)
    select slot, tg_table_schema || '.' || tg_table_name, 'truncate', '[]', 0, nullif(current_setting('fraiseql.org', true), ''), %5$s
    from fraiseql.outbox_ring;
  end if;
  return null;
end
$function$, root_name, image, key, org, context);
end
$capture$;

-- Whether the triggers of a table are there and are those that `capture` would make.
create function fraiseql.is_captured(relation regclass, columns text[] default null) returns boolean
language sql stable set search_path = pg_catalog as $$
  select count(*) = 4 and coalesce(bool_and(t.tgenabled = 'A' and obj_description(t.tgfoid, 'pg_proc') = md5(fraiseql.capture_function(relation, columns))), false)
  from pg_trigger t join pg_proc p on p.oid = t.tgfoid
  where t.tgrelid = relation and p.pronamespace = 'fraiseql'::regnamespace and t.tgname like 'fraiseql\_capture\_%'
$$;

-- Makes the four triggers of a table, and says whether anything had to be done. The lock it takes on the table lets
-- readers through and stops writers; who calls it sets a lock_timeout and tries again.
create function fraiseql.capture(relation regclass, columns text[] default null) returns boolean
language plpgsql set search_path = pg_catalog as $capture$
declare
  body text := fraiseql.capture_function(relation, columns);
  name text := 'capture_' || left(md5(relation::oid::text || ':' || relation::text), 16);
  operation text;
  rows text;
begin
  if fraiseql.is_captured(relation, columns) then
    return false;
  end if;
  -- First the lock: a trigger must not fire between the old function and the new one.
  execute format('lock table only %s in share row exclusive mode', relation);
  -- The session's settings must not show in what is kept. Who writes needs no right on this schema.
  execute format('create or replace function fraiseql.%I() returns trigger language plpgsql security definer
    set search_path = pg_catalog, pg_temp set "TimeZone" = ''UTC'' set "IntervalStyle" = ''iso_8601'' set extra_float_digits = 1 set bytea_output = ''hex''
    as %L', name, body);
  execute format('revoke execute on function fraiseql.%I() from public', name);
  execute format('comment on function fraiseql.%I() is %L', name, md5(body));
  foreach operation in array array['insert', 'update', 'delete', 'truncate'] loop
    rows := case operation when 'insert' then 'referencing new table as new_rows' when 'delete' then 'referencing old table as old_rows'
      when 'update' then 'referencing old table as old_rows new table as new_rows' else '' end;
    execute format('create or replace trigger fraiseql_capture_%s after %s on %s %s for each statement execute function fraiseql.%I()',
      operation, operation, relation, rows, name);
    -- Also for sessions that load data with session_replication_role = replica.
    execute format('alter table only %s enable always trigger fraiseql_capture_%s', relation, operation);
  end loop;
  return true;
end
$capture$;

create function fraiseql.release(relation regclass) returns void
language plpgsql set search_path = pg_catalog as $release$
declare
  found record;
begin
  for found in
    select t.tgname, t.tgfoid::regprocedure as function from pg_trigger t join pg_proc p on p.oid = t.tgfoid
    where t.tgrelid = relation and p.pronamespace = 'fraiseql'::regnamespace and t.tgname like 'fraiseql\_capture\_%'
  loop
    execute format('drop trigger %I on %s', found.tgname, relation);
    if not exists (select from pg_trigger where tgfoid = found.function::oid) then
      execute format('drop function %s', found.function);
    end if;
  end loop;
end
$release$;
