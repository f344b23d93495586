-- EXECUTE on a new function is everybody's unless it is revoked. A function of a trigger writes into the outbox as its
-- owner: whoever may execute it can put it on a table of his own, and have events of another table say what he likes.
revoke execute on all functions in schema fraiseql from public;

-- As before, and its functions are nobody's but the owner's.
create or replace function fraiseql.capture(relation regclass, columns text[] default null) returns boolean
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
