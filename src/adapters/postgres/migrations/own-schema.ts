/** Whose the schema `fraiseql` is: what others can put there would run with the rights of whoever migrates. */
import type { ISql } from "postgres";
import { FraiseqlError } from "../../../core/errors.ts";

/**
 * Whether there is a schema `fraiseql`. One that is there and only this role's stays so until this role gives it away.
 * Trigger functions of captured tables belong to the owners of those, and nobody can call them.
 *
 * @throws FraiseqlError SCHEMA_FOREIGN where it is another role's, others may create in it, or something in it is theirs
 */
export async function isSchemaThere(sql: ISql): Promise<boolean> {
  const [home] = await sql<{ owner: string; me: string; own: boolean; creators: string[]; owners: string[] }[]>`
    select n.nspowner::regrole::text as owner, current_user::text as me,
      n.nspowner = (select oid from pg_roles where rolname = current_user) as own,
      array(
        select distinct case a.grantee when 0 then 'everybody' else a.grantee::regrole::text end
        from aclexplode(n.nspacl) as a where a.privilege_type = 'CREATE' and a.grantee <> n.nspowner) as creators,
      array(
        select distinct o.refobjid::regrole::text
        from pg_depend d join pg_shdepend o on o.classid = d.classid and o.objid = d.objid and o.deptype = 'o'
        where d.refclassid = 'pg_namespace'::regclass and d.refobjid = n.oid and o.refobjid <> n.nspowner
          and o.dbid = (select oid from pg_database where datname = current_database())
          and not exists (
            select from pg_proc p where d.classid = 'pg_proc'::regclass and p.oid = d.objid
              and p.prorettype = 'trigger'::regtype and p.proname ~ '^capture_[0-9a-f]{16}$')) as owners
    from pg_namespace n where n.nspname = 'fraiseql'`;
  if (home === undefined) return false;
  const { owner, me, own, creators, owners } = home;
  if (!own) throw foreign(`is ${owner}'s, and this is ${me}: connect as ${owner}, or drop it if it is not FraiseQL's`);
  if (creators.length > 0) throw foreign(`can be added to by ${creators.join(", ")}: revoke create on schema fraiseql`);
  if (owners.length > 0) throw foreign(`holds what belongs to ${owners.join(", ")}: drop that, or all of the schema`);
  return true;
}

const foreign = (fact: string) => new FraiseqlError("SCHEMA_FOREIGN", `The schema fraiseql ${fact}.`);
