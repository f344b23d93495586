/** The tables and functions that migrations made, held against what they are now: what was changed by hand has a name. */
import type { ISql, Sql } from "postgres";
import type { Migration } from "./read-migrations.ts";

/** Names of tables that the migrations make, without the schema; those of partitions are made of one of them and a number. */
export function tablesMade(migrations: readonly Migration[]): readonly string[] {
  return ["migrations", ...namesAfter(/create table fraiseql\.(\w+)/g, migrations)];
}

/** Keeps what is there now as what the migrations made. To be called in the transaction of each. */
export async function keepMadeObjects(transaction: ISql, migrations: readonly Migration[]): Promise<void> {
  if (!(await isKept(transaction))) return;
  await transaction`set local search_path = pg_catalog, pg_temp`;
  await transaction`delete from fraiseql.made`;
  await transaction`
    insert into fraiseql.made (object, digest, server)
    select object, digest, current_setting('server_version_num')::int / 10000 from (${presentObjects(transaction, migrations)}) as present`;
}

/** What is not as it was made, such as `table relay`: changed or gone. None where another PostgreSQL than this wrote it down. */
export function alteredObjects(sql: Sql, migrations: readonly Migration[]): Promise<readonly string[]> {
  return sql.begin("read only", async (transaction) => {
    if (!(await isKept(transaction))) return [];
    await transaction`set local search_path = pg_catalog, pg_temp`;
    const rows = await transaction<{ object: string }[]>`
      select m.object from fraiseql.made as m left join (${presentObjects(transaction, migrations)}) as present on present.object = m.object
      where m.server = current_setting('server_version_num')::int / 10000 and present.digest is distinct from m.digest
      order by m.object`;
    return rows.map(({ object }) => object);
  });
}

async function isKept(sql: ISql): Promise<boolean> {
  const [there] = await sql`select to_regclass('fraiseql.made') is not null as kept`;
  return there?.["kept"] === true;
}

/** The functions of captured tables are not among them: those are made anew with their triggers. */
function presentObjects(sql: ISql, migrations: readonly Migration[]) {
  const tables = tablesMade(migrations);
  const functions = namesAfter(/create (?:or replace )?function fraiseql\.(\w+)/g, migrations);
  return sql`
    select 'table ' || c.relname as object, md5(concat_ws(' ',
      (select string_agg(concat_ws(' ', a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated,
          pg_get_expr(d.adbin, d.adrelid)), ',' order by a.attname)
        from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped),
      (select string_agg(pg_get_indexdef(i.indexrelid), ',' order by i.indexrelid::regclass::text) from pg_index i where i.indrelid = c.oid),
      (select string_agg(pg_get_constraintdef(k.oid), ',' order by k.conname) from pg_constraint k where k.conrelid = c.oid and k.contype <> 'n'),
      (select string_agg(pg_get_triggerdef(t.oid), ',' order by t.tgname) from pg_trigger t where t.tgrelid = c.oid and not t.tgisinternal),
      (select string_agg(pg_get_ruledef(r.oid), ',' order by r.rulename) from pg_rewrite r where r.ev_class = c.oid),
      (select string_agg(concat_ws(' ', s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache, s.seqcycle), ',' order by s.seqrelid::regclass::text)
        from pg_depend o join pg_sequence s on s.seqrelid = o.objid where o.refobjid = c.oid and o.deptype in ('a', 'i')),
      c.relpersistence, c.relrowsecurity, c.relforcerowsecurity
    )) as digest
    from pg_class c where c.relnamespace = 'fraiseql'::regnamespace and c.relkind in ('r', 'p')
      and regexp_replace(c.relname, '[0-9]+$', '') = any(${tables}::text[])
    union all
    select 'function ' || p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')',
      md5(concat_ws(' ', p.prosrc, p.prosecdef, p.provolatile, p.proconfig))
    from pg_proc p where p.pronamespace = 'fraiseql'::regnamespace and p.proname = any(${functions}::text[])`;
}

const namesAfter = (words: RegExp, migrations: readonly Migration[]): readonly string[] =>
  migrations.flatMap(({ sql }) => Array.from(sql.matchAll(words), ([, name]) => name as string));
