/**
 * What introspection asks of the system catalogs. Each query gives one JSON object per row, so that arrays and nulls
 * need no second format; `$1` is a JSON list of schema names, or null for every schema that is not PostgreSQL's own.
 */

/** Schemas that were asked for and may be used; `fraiseql` holds what the program keeps for itself. */
const CHOSEN = `chosen as (
  select n.oid, n.nspname
  from pg_catalog.pg_namespace n
  where pg_catalog.has_schema_privilege(n.oid, 'USAGE')
    and case when $1::pg_catalog.jsonb is null
      then n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'fraiseql')
      else $1::pg_catalog.jsonb ? n.nspname end
)`;

/** Relations in the chosen schemas the role may read. Partitions belong to their table; relations of extensions are not the author's. */
const SHOWN = `shown as (
  select c.*, s.nspname
  from pg_catalog.pg_class c join chosen s on s.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'v', 'm', 'f')
    and not c.relispartition
    and pg_catalog.has_any_column_privilege(c.oid, 'SELECT')
    and not exists (
      select from pg_catalog.pg_depend d
      where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objid = c.oid and d.deptype = 'e')
)`;

/** Every relation whose rows show up in a shown one: children by inheritance and partitions, to any depth. */
const BELOW = `below(root, oid, relkind, relispartition) as (
  select i.inhparent, c.oid, c.relkind, c.relispartition
  from pg_catalog.pg_inherits i
    join pg_catalog.pg_class c on c.oid = i.inhrelid
    join shown on shown.oid = i.inhparent
  union
  select b.root, c.oid, c.relkind, c.relispartition
  from below b
    join pg_catalog.pg_inherits i on i.inhparent = b.oid
    join pg_catalog.pg_class c on c.oid = i.inhrelid
)`;

export const RELATIONS = `with recursive ${CHOSEN}, ${SHOWN}, ${BELOW}
select pg_catalog.json_build_object(
  'oid', c.oid::pg_catalog.int8, 'schema', c.nspname, 'name', c.relname, 'kind', c.relkind, 'rowSecurity', c.relrowsecurity,
  'comment', pg_catalog.obj_description(c.oid, 'pg_class'),
  'heirs', (select pg_catalog.json_agg(b.oid::pg_catalog.int8) from below b where b.root = c.oid and not b.relispartition),
  'parents', (select pg_catalog.json_agg(i.inhparent::pg_catalog.int8) from pg_catalog.pg_inherits i where i.inhrelid = c.oid))::text
from shown c`;

/**
 * A foreign table's NOT NULL is a promise of the other server. A child may allow nulls its parent forbids (before
 * version 18, or with NO INHERIT), and since version 18 a NOT NULL may not be validated yet.
 */
export const COLUMNS = `with recursive ${CHOSEN}, ${SHOWN}, ${BELOW}
select pg_catalog.json_build_object(
  'relation', c.oid::pg_catalog.int8, 'name', a.attname, 'type', a.atttypid::pg_catalog.int8, 'modifier', a.atttypmod,
  'isTable', c.relkind in ('r', 'p'),
  'notNull', c.relkind in ('r', 'p') and a.attnotnull
    and not exists (
      select from pg_catalog.pg_constraint k
      where k.conrelid = c.oid and k.contype = 'n' and k.conkey = array[a.attnum] and not k.convalidated)
    and not exists (
      select from below b join pg_catalog.pg_attribute ba on ba.attrelid = b.oid and ba.attname = a.attname
      where b.root = c.oid and (not ba.attnotnull or b.relkind = 'f')),
  'comment', pg_catalog.col_description(c.oid, a.attnum),
  'hasDefault', a.atthasdef and a.attgenerated = '',
  'generated', a.attgenerated, 'identity', a.attidentity,
  'nondeterministic', exists (
    select from pg_catalog.pg_collation l where l.oid = a.attcollation and not l.collisdeterministic))::text
from shown c join pg_catalog.pg_attribute a on a.attrelid = c.oid
where a.attnum > 0 and not a.attisdropped and pg_catalog.has_column_privilege(c.oid, a.attnum, 'SELECT')
order by c.oid, a.attnum`;

/**
 * Unique indexes over plain columns and all rows. NULLS NOT DISTINCT makes no difference, since nothing is looked up by
 * null. An exclusion (WITHOUT OVERLAPS) compares otherwise than by equality.
 */
export const KEYS = `with ${CHOSEN}, ${SHOWN}
select pg_catalog.json_build_object(
  'relation', i.indrelid::pg_catalog.int8, 'name', x.relname, 'primary', i.indisprimary, 'deferrable', not i.indimmediate,
  'columns', (
    select pg_catalog.json_agg(a.attname order by p.place)
    from pg_catalog.generate_series(0, i.indnkeyatts - 1) as p(place)
      join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[p.place]))::text
from pg_catalog.pg_index i
  join shown c on c.oid = i.indrelid
  join pg_catalog.pg_class x on x.oid = i.indexrelid
where i.indisunique and i.indisvalid and not i.indisexclusion and i.indpred is null and i.indexprs is null`;

/** `conperiod` exists since version 18; such a key matches by overlap and is no relation by equal columns. */
export const FOREIGN_KEYS = `with ${CHOSEN}, ${SHOWN}
select pg_catalog.json_build_object(
  'relation', k.conrelid::pg_catalog.int8, 'name', k.conname, 'validated', k.convalidated,
  'target', pg_catalog.json_build_object('schema', tn.nspname, 'name', t.relname),
  'columns', (
    select pg_catalog.json_agg(a.attname order by p.place)
    from pg_catalog.unnest(k.conkey) with ordinality as p(attnum, place)
      join pg_catalog.pg_attribute a on a.attrelid = k.conrelid and a.attnum = p.attnum),
  'targetColumns', (
    select pg_catalog.json_agg(a.attname order by p.place)
    from pg_catalog.unnest(k.confkey) with ordinality as p(attnum, place)
      join pg_catalog.pg_attribute a on a.attrelid = k.confrelid and a.attnum = p.attnum))::text
from pg_catalog.pg_constraint k
  join shown c on c.oid = k.conrelid
  join pg_catalog.pg_class t on t.oid = k.confrelid
  join pg_catalog.pg_namespace tn on tn.oid = t.relnamespace
where k.contype = 'f' and k.conparentid = 0
  and not coalesce((pg_catalog.to_jsonb(k) ->> 'conperiod')::pg_catalog.bool, false)`;

/** Constraints over columns, by which an error can name the fields where the server does not: it never does for a check, nor under row security. */
export const CONSTRAINTS = `with ${CHOSEN}, ${SHOWN}
select pg_catalog.json_build_object(
  'relation', k.conrelid::pg_catalog.int8, 'name', k.conname,
  'columns', (
    select pg_catalog.json_agg(a.attname order by p.place)
    from pg_catalog.unnest(k.conkey) with ordinality as p(attnum, place)
      join pg_catalog.pg_attribute a on a.attrelid = k.conrelid and a.attnum = p.attnum))::text
from pg_catalog.pg_constraint k join shown c on c.oid = k.conrelid
where k.contype in ('c', 'f', 'p', 'u', 'x') and k.conkey is not null and 0 < all (k.conkey)`;

/** All types, wherever they live: a column of a chosen schema may have a type of any other. */
export const TYPES = `select pg_catalog.json_build_object(
  'oid', t.oid::pg_catalog.int8, 'schema', n.nspname, 'name', t.typname, 'kind', t.typtype,
  'visible', pg_catalog.pg_type_is_visible(t.oid),
  'element', e.oid::pg_catalog.int8,
  'base', t.typbasetype::pg_catalog.int8, 'modifier', t.typtypmod, 'notNull', t.typnotnull,
  'subtype', (select r.rngsubtype::pg_catalog.int8 from pg_catalog.pg_range r where r.rngtypid = t.oid),
  'relationKind', c.relkind,
  'labels', case when t.typtype = 'e' then (
    select pg_catalog.json_agg(e.enumlabel order by e.enumsortorder) from pg_catalog.pg_enum e where e.enumtypid = t.oid) end,
  'comment', case when n.nspname <> 'pg_catalog' then pg_catalog.obj_description(t.oid, 'pg_type') end)::text
from pg_catalog.pg_type t
  join pg_catalog.pg_namespace n on n.oid = t.typnamespace
  left join pg_catalog.pg_class c on c.oid = t.typrelid
  left join pg_catalog.pg_type e on e.typarray = t.oid
where t.typtype in ('b', 'c', 'd', 'e', 'r', 'm', 'p')`;

export const ATTRIBUTES = `select pg_catalog.json_build_object(
  'composite', t.oid::pg_catalog.int8, 'name', a.attname, 'type', a.atttypid::pg_catalog.int8, 'modifier', a.atttypmod,
  'comment', pg_catalog.col_description(c.oid, a.attnum))::text
from pg_catalog.pg_class c
  join pg_catalog.pg_type t on t.oid = c.reltype
  join pg_catalog.pg_attribute a on a.attrelid = c.oid
where c.relkind = 'c' and a.attnum > 0 and not a.attisdropped
order by t.oid, a.attnum`;

/**
 * Plain functions the role may call; aggregates, window functions, procedures, those of extensions and those that came with a
 * range type are left out, and so are triggers and what else is for the server alone.
 */
export const FUNCTIONS = `with ${CHOSEN}
select pg_catalog.json_build_object(
  'schema', s.nspname, 'name', p.proname, 'volatility', p.provolatile, 'strict', p.proisstrict,
  'returnsSet', p.proretset, 'returns', p.prorettype::pg_catalog.int8, 'defaults', p.pronargdefaults,
  'types', coalesce(pg_catalog.to_json(p.proallargtypes::pg_catalog.int8[]), pg_catalog.to_json(
    (select pg_catalog.array_agg(x.t::pg_catalog.int8 order by x.place) from pg_catalog.unnest(p.proargtypes) with ordinality as x(t, place)))),
  'modes', pg_catalog.to_json(p.proargmodes), 'names', pg_catalog.to_json(p.proargnames),
  'comment', pg_catalog.obj_description(p.oid, 'pg_proc'))::text
from pg_catalog.pg_proc p join chosen s on s.oid = p.pronamespace
where p.prokind = 'f'
  and not exists (
    select from pg_catalog.pg_type t
    where t.oid = p.prorettype and t.typtype = 'p' and t.typname not in ('void', 'record') and t.typname !~ '^any')
  and pg_catalog.has_function_privilege(p.oid, 'EXECUTE')
  and not exists (
    select from pg_catalog.pg_depend d
    where d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass and d.objid = p.oid and d.deptype in ('e', 'i'))`;
