-- What the migrations made, object by object, as it was when the last of them was applied: what somebody changes by hand is seen.
create table fraiseql.made (
  object text primary key,
  digest text not null,
  -- The major version of PostgreSQL that wrote it out: another one may write the same in another way.
  server integer not null
);

-- Whether the triggers of a table are there, can do what they are for, and do it.
create or replace function fraiseql.is_captured(relation regclass, columns text[] default null) returns boolean
language sql stable set search_path = pg_catalog, pg_temp as $$
  select count(*) = 4 and coalesce(bool_and(
    t.tgenabled = 'A' and p.proowner = fraiseql.owner_of(relation) and obj_description(t.tgfoid, 'pg_proc') = fraiseql.capture_mark(relation, columns)
    and p.prosrc = fraiseql.capture_function(relation, columns)
    and (fraiseql.put_function(relation) is null or exists (
      select from pg_proc put where put.pronamespace = p.pronamespace and put.proname = fraiseql.function_name('put', relation)
        and put.prosrc = fraiseql.put_function(relation)
        and has_schema_privilege(p.proowner, p.pronamespace, 'usage') and has_function_privilege(p.proowner, put.oid, 'execute')))), false)
  from pg_trigger t join pg_proc p on p.oid = t.tgfoid
  where t.tgrelid = relation and p.pronamespace = 'fraiseql'::regnamespace and t.tgname like 'fraiseql\_capture\_%'
$$;
