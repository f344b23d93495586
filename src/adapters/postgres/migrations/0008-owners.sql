-- Making text of a row runs code of whoever owns its types: casts to json, and to the text of an org. It is to have the rights
-- of the table's owner and no others. So the trigger function of a table is that owner's, and where he is not the owner of the
-- outbox it writes through a function that he alone may call and that knows events of this table only.

alter function fraiseql.place() set search_path = pg_catalog, pg_temp;
drop function fraiseql.capture_function(regclass, text[]);
drop function fraiseql.is_captured(regclass, text[]);
drop function fraiseql.capture(regclass, text[]);
drop function fraiseql.release(regclass);

create function fraiseql.table_name(relation regclass) returns text
language sql stable set search_path = pg_catalog, pg_temp as $$
  select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = relation
$$;

create function fraiseql.owner_of(relation regclass) returns regrole
language sql stable set search_path = pg_catalog, pg_temp as $$
  select relowner::regrole from pg_class where oid = relation
$$;

-- The name of a function of a table: `capture` for that of its triggers, `put` for that by which those write.
create function fraiseql.function_name(kind text, relation regclass) returns text
language sql stable set search_path = pg_catalog, pg_temp as $$
  select kind || '_' || left(md5(relation::oid::text || ':' || relation::text), 16)
$$;

-- The statement that writes events. `table_name` and `operation` are expressions; `events` selects key, before, after and
-- org, each a text.
create function fraiseql.insert_statement(table_name text, operation text, events text) returns text
language sql immutable set search_path = pg_catalog, pg_temp as $insert$
  select format($$insert into fraiseql.outbox (slot, table_name, operation, key, before, after, bytes, org, actor, traceparent, cause)
    select (select slot from fraiseql.outbox_ring), %s, %s, e.key, e.before, e.after,
      coalesce(octet_length(e.before), 0) + coalesce(octet_length(e.after), 0), e.org, nullif(current_setting('fraiseql.actor', true), ''),
      nullif(current_setting('fraiseql.traceparent', true), ''), nullif(current_setting('fraiseql.cause', true), '')
    from (%s) as e;$$, table_name, operation, events)
$insert$;

-- The text of the function by which the triggers of a table write that is not of the outbox's owner; null for his own. What
-- is no JSON would be anything at all where the event's text is put together: the types of its parameters see to that.
create function fraiseql.put_function(relation regclass) returns text
language sql stable set search_path = pg_catalog, pg_temp as $put$
  select format($function$
begin
  if said not in ('insert', 'update', 'delete', 'truncate') or json_typeof(key_of) <> 'array' or json_typeof(was) <> 'object' or json_typeof(now_is) <> 'object' then
    raise exception 'This is no event.' using errcode = 'check_violation';
  end if;
  %s
end
$function$, fraiseql.insert_statement(
    format('case said when ''truncate'' then %L else %L end',
      fraiseql.table_name(relation), fraiseql.table_name(coalesce(pg_partition_root(relation), relation))),
    'said', 'select key_of::text as key, was::text as before, now_is::text as after, org_of as org'))
  where fraiseql.owner_of(relation) <> fraiseql.owner_of('fraiseql.outbox')
$put$;

-- The text of the trigger function for one table. `columns` are those that events show; null shows all, new ones too.
-- Old and new rows are paired by their place in the transition tables, which PostgreSQL fills side by side: an update may
-- change keys, and a table need not have one.
create function fraiseql.capture_function(relation regclass, columns text[]) returns text
language plpgsql stable set search_path = pg_catalog, pg_temp as $capture$
declare
  root regclass := coalesce(pg_partition_root(relation), relation);
  image text := 'row_to_json(fraiseql_row.*)::text';
  key text := '''[]''';
  said_org text := 'nullif(current_setting(''fraiseql.org'', true), '''')';
  org text := said_org;
  branches text := '';
  branch record;
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
    org := format('coalesce(fraiseql_row.org_id::text, %s)', said_org);
  end if;
  for branch in
    select operation, case when fraiseql.put_function(relation) is null
      then fraiseql.insert_statement(quote_literal(fraiseql.table_name(case operation when 'truncate' then relation else root end)), quote_literal(operation), events)
      else format('perform fraiseql.%I(%L, e.key::json, e.before::json, e.after::json, e.org) from (%s) as e;', fraiseql.function_name('put', relation), operation, events)
      end as statement
    from (values
      ('insert', format('select %s as key, null::text as before, %s as after, %s as org from new_rows as fraiseql_row offset 0', key, image, org)),
      ('update', format('select n.key, o.before, n.after, n.org
        from (select row_number() over () as place, %1$s as key, %2$s as before from old_rows as fraiseql_row offset 0) as o
        join (select row_number() over () as place, %1$s as key, %2$s as after, %3$s as org from new_rows as fraiseql_row offset 0) as n on n.place = o.place
        where o.before <> n.after or o.key <> n.key order by n.place', key, image, org)),
      ('delete', format('select %s as key, %s as before, null::text as after, %s as org from old_rows as fraiseql_row offset 0', key, image, org)),
      ('truncate', format('select ''[]'' as key, null::text as before, null::text as after, %s as org', said_org))
    ) as listed (operation, events)
  loop
    branches := branches || format(E'  %s tg_op = %L then\n    %s\n', case branches when '' then 'if' else 'elsif' end, upper(branch.operation), branch.statement);
  end loop;
  return format(E'\n#variable_conflict use_column\nbegin\n%s  end if;\n  return null;\nend\n', branches);
end
$capture$;

-- By which the triggers of a table are known to be those that `capture` of this migration would make.
create function fraiseql.capture_mark(relation regclass, columns text[]) returns text
language sql stable set search_path = pg_catalog, pg_temp as $$
  select md5(concat_ws(' ', '0008', fraiseql.capture_function(relation, columns), fraiseql.put_function(relation)))
$$;

-- Whether the triggers of a table are there, and can do what they are for.
create function fraiseql.is_captured(relation regclass, columns text[] default null) returns boolean
language sql stable set search_path = pg_catalog, pg_temp as $$
  select count(*) = 4 and coalesce(bool_and(
    t.tgenabled = 'A' and p.proowner = fraiseql.owner_of(relation) and obj_description(t.tgfoid, 'pg_proc') = fraiseql.capture_mark(relation, columns)
    and (fraiseql.put_function(relation) is null or exists (
      select from pg_proc put where put.pronamespace = p.pronamespace and put.proname = fraiseql.function_name('put', relation)
        and has_schema_privilege(p.proowner, p.pronamespace, 'usage') and has_function_privilege(p.proowner, put.oid, 'execute')))), false)
  from pg_trigger t join pg_proc p on p.oid = t.tgfoid
  where t.tgrelid = relation and p.pronamespace = 'fraiseql'::regnamespace and t.tgname like 'fraiseql\_capture\_%'
$$;

-- Drops the functions of tables that have no triggers any more: what writes events of a name may not outlive its table.
create function fraiseql.drop_unused_functions() returns void
language plpgsql set search_path = pg_catalog, pg_temp as $drop$
declare
  unused regprocedure;
begin
  for unused in
    select p.oid from pg_proc p
    where p.pronamespace = 'fraiseql'::regnamespace and p.proname ~ '^(capture|put)_[0-9a-f]{16}$' and not exists (
      select from pg_trigger t join pg_proc c on c.oid = t.tgfoid
      where c.pronamespace = p.pronamespace and c.proname = replace(p.proname, 'put_', 'capture_')
        and (c.oid = p.oid or fraiseql.put_function(t.tgrelid) is not null))
    -- Another's function of triggers can do nothing without its `put`, which is ours.
    and pg_has_role(p.proowner, 'usage')
  loop
    execute format('drop function %s', unused);
  end loop;
end
$drop$;

-- Makes the four triggers of a table, and says whether anything had to be done. The lock it takes on the table lets
-- readers through and stops writers; who calls it sets a lock_timeout and tries again.
create function fraiseql.capture(relation regclass, columns text[] default null) returns boolean
language plpgsql set search_path = pg_catalog, pg_temp as $capture$
declare
  name text := fraiseql.function_name('capture', relation);
  put text := fraiseql.function_name('put', relation);
  put_body text;
  owner regrole;
  operation text;
  rows text;
begin
  if fraiseql.is_captured(relation, columns) then
    return false;
  end if;
  -- One after the other: they change rights on the schema. The number is that of migrations.
  perform pg_advisory_xact_lock(7381223350085313900);
  -- First the lock: a trigger must not fire between the old function and the new one.
  execute format('lock table only %s in share row exclusive mode', relation);
  owner := fraiseql.owner_of(relation);
  put_body := fraiseql.put_function(relation);
  if put_body is not null then
    execute format('create or replace function fraiseql.%I(said text, key_of json, was json, now_is json, org_of text) returns void
      language plpgsql security definer set search_path = pg_catalog, pg_temp as %L', put, put_body);
    execute format('revoke execute on function fraiseql.%I from public', put);
    execute format('grant execute on function fraiseql.%I to %s', put, owner);
    execute format('grant usage on schema fraiseql to %s', owner);
  end if;
  -- The session's settings must not show in what is kept. Who writes needs no right on this schema.
  execute format('create or replace function fraiseql.%I() returns trigger language plpgsql security definer
    set search_path = pg_catalog, pg_temp set "TimeZone" = ''UTC'' set "DateStyle" = ''ISO, MDY'' set "IntervalStyle" = ''iso_8601''
    set extra_float_digits = 1 set bytea_output = ''hex'' set lc_monetary = ''C'' set quote_all_identifiers = off
    as %L', name, fraiseql.capture_function(relation, columns));
  execute format('revoke execute on function fraiseql.%I() from public', name);
  execute format('comment on function fraiseql.%I() is %L', name, fraiseql.capture_mark(relation, columns));
  if owner <> (select proowner from pg_proc where pronamespace = 'fraiseql'::regnamespace and proname = name) then
    -- Who is given a function has to be allowed to make one there, unless a superuser gives it.
    if put_body is not null then execute format('grant create on schema fraiseql to %s', owner); end if;
    execute format('alter function fraiseql.%I() owner to %s', name, owner);
    if put_body is not null then execute format('revoke create on schema fraiseql from %s', owner); end if;
  end if;
  foreach operation in array array['insert', 'update', 'delete', 'truncate'] loop
    rows := case operation when 'insert' then 'referencing new table as new_rows' when 'delete' then 'referencing old table as old_rows'
      when 'update' then 'referencing old table as old_rows new table as new_rows' else '' end;
    execute format('create or replace trigger fraiseql_capture_%s after %s on %s %s for each statement execute function fraiseql.%I()',
      operation, operation, relation, rows, name);
    -- Also for sessions that load data with session_replication_role = replica.
    execute format('alter table only %s enable always trigger fraiseql_capture_%s', relation, operation);
  end loop;
  perform fraiseql.drop_unused_functions();
  return true;
end
$capture$;

create function fraiseql.release(relation regclass) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $release$
declare
  found name;
begin
  perform pg_advisory_xact_lock(7381223350085313900);
  for found in
    select t.tgname from pg_trigger t join pg_proc p on p.oid = t.tgfoid
    where t.tgrelid = relation and p.pronamespace = 'fraiseql'::regnamespace and t.tgname like 'fraiseql\_capture\_%'
  loop
    execute format('drop trigger %I on %s', found, relation);
  end loop;
  perform fraiseql.drop_unused_functions();
end
$release$;

revoke execute on all functions in schema fraiseql from public;
