-- PostgreSQL loses a row on its way to another partition where a BEFORE INSERT trigger of that one returns null. Such a row is
-- among the old rows of the update and not among the new ones, and what comes after it has another place there.

-- The statement in a trigger function that writes events of a table. `operation` is an expression, `events` as in insert_statement.
create function fraiseql.event_statement(relation regclass, operation text, events text) returns text
language sql stable set search_path = pg_catalog, pg_temp as $event$
  select case when fraiseql.put_function(relation) is null
    then fraiseql.insert_statement(quote_literal(fraiseql.table_name(
      case operation when quote_literal('truncate') then relation else coalesce(pg_partition_root(relation), relation) end)), operation, events)
    else format('perform fraiseql.%I(%s, e.key::json, e.before::json, e.after::json, e.org) from (%s) as e;', fraiseql.function_name('put', relation), operation, events)
  end
$event$;

-- By which an old row is found among new ones where places say nothing: the columns of the key by which the table is not
-- partitioned, for the others change as a row moves; the whole key where several rows share those; null without a key.
create function fraiseql.identity_expression(root regclass, key text) returns text
language sql stable set search_path = pg_catalog, pg_temp as $identity$
  select case when count(*) = 0 then 'null::text' when count(*) filter (where stays) = 0 then key
    else format('case count(*) over (partition by %1$s) when 1 then %2$s else %3$s end',
      string_agg(format('fraiseql_row.%I', attname), ', ' order by place) filter (where stays),
      format($$'[' || concat_ws(',', %s) || ']'$$, string_agg(format('to_json(fraiseql_row.%I)::text', attname), ', ' order by place) filter (where stays)),
      key) end
  from (
    select a.attname, k.place, a.attnum <> all (p.partattrs::smallint[]) as stays
    from pg_partitioned_table p, pg_index i, unnest(i.indkey) with ordinality as k (attnum, place), pg_attribute a
    where p.partrelid = root and i.indrelid = root and i.indisprimary and a.attrelid = root and a.attnum = k.attnum) as key_column
$identity$;

-- Rows of an update are paired by their place in the transition tables, where a row that is in both stands in the same order: an
-- update may change keys, and a table need not have one. Where a partitioned table has lost some, they are paired by identity, and
-- what has no counterpart is deleted or inserted; deletes come first, for another row may have that key now.
create or replace function fraiseql.capture_function(relation regclass, columns text[]) returns text
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
    select operation, fraiseql.event_statement(relation, quote_literal(operation), events) as statement
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
    if branch.operation = 'update' and exists (select from pg_partitioned_table where partrelid = relation) then
      branch.statement := format(E'if (select count(*) from old_rows) = (select count(*) from new_rows) then\n      %s\n    else\n      %s\n    end if;',
        branch.statement, fraiseql.event_statement(relation, 'e.operation', format('select
          case when n.key is null then ''delete'' when o.key is null then ''insert'' else ''update'' end as operation,
          coalesce(n.key, o.key) as key, o.before, n.after, case when n.key is null then o.org else n.org end as org
        from (select %1$s as key, %4$s as identity, %2$s as before, %3$s as org from old_rows as fraiseql_row offset 0) as o
        full join (select %1$s as key, %4$s as identity, %2$s as after, %3$s as org from new_rows as fraiseql_row offset 0) as n on n.identity = o.identity
        where o.before is distinct from n.after or o.key is distinct from n.key order by n.key nulls first, o.key',
          key, image, org, fraiseql.identity_expression(root, key))));
    end if;
    branches := branches || format(E'  %s tg_op = %L then\n    %s\n', case branches when '' then 'if' else 'elsif' end, upper(branch.operation), branch.statement);
  end loop;
  return format(E'\n#variable_conflict use_column\nbegin\n%s  end if;\n  return null;\nend\n', branches);
end
$capture$;

revoke execute on function fraiseql.event_statement(regclass, text, text), fraiseql.identity_expression(regclass, text) from public;
