-- Where PostgreSQL before 18 has no way to read but a forbidden one it counts that as 10^10, and what costs as much it compiles anew
-- at each call, for as long as some hundred jobs take.
alter function fraiseql.record_attempts(jsonb) set jit = off;
alter function fraiseql.claim_jobs(text, integer, bigint, bigint) set jit = off;
alter function fraiseql.end_jobs(json, bigint) set jit = off;
alter function fraiseql.bus_publish(text[], text[], text[], integer, text) set jit = off;
alter function fraiseql.bus_turn(integer) set jit = off;
alter function fraiseql.bus_claim(integer, integer, double precision) set jit = off;

-- Whether the triggers of a table are there, fire at every row, run as whom and with the settings they were made for, and do what they
-- are for.
create or replace function fraiseql.is_captured(relation regclass, columns text[] default null) returns boolean
language sql stable set search_path = pg_catalog, pg_temp as $$
  select count(*) = 4 and coalesce(bool_and(
    t.tgenabled = 'A' and t.tgqual is null
    and p.proowner = fraiseql.owner_of(relation) and obj_description(t.tgfoid, 'pg_proc') = fraiseql.capture_mark(relation, columns)
    and p.prosrc = fraiseql.capture_function(relation, columns) and p.prosecdef
    and p.proconfig = array['search_path=pg_catalog, pg_temp', 'TimeZone=UTC', 'DateStyle=ISO, MDY', 'IntervalStyle=iso_8601',
      'extra_float_digits=1', 'bytea_output=hex', 'lc_monetary=C', 'quote_all_identifiers=off']
    and (fraiseql.put_function(relation) is null or exists (
      select from pg_proc put where put.pronamespace = p.pronamespace and put.proname = fraiseql.function_name('put', relation)
        and put.prosrc = fraiseql.put_function(relation) and put.prosecdef and put.proconfig = array['search_path=pg_catalog, pg_temp']
        and has_schema_privilege(p.proowner, p.pronamespace, 'usage') and has_function_privilege(p.proowner, put.oid, 'execute')))), false)
  from pg_trigger t join pg_proc p on p.oid = t.tgfoid
  where t.tgrelid = relation and p.pronamespace = 'fraiseql'::regnamespace and t.tgname like 'fraiseql\_capture\_%'
$$;
