-- The cluster, its timeline, the database and the table: a dump that is restored over what was there is another place too.
create or replace function fraiseql.place() returns text language sql stable set search_path = pg_catalog, pg_temp as $$
  select (select system_identifier from pg_control_system()) || ':' || left(pg_walfile_name(pg_current_wal_lsn()), 8) || ':' ||
    (select oid from pg_database where datname = current_database()) || ':' || 'fraiseql.epochs'::regclass::oid
$$;
update fraiseql.epochs set place = place || ':' || 'fraiseql.epochs'::regclass::oid;
