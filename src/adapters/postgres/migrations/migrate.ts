/** Brings the schema `fraiseql` to what this version needs, step by step, each in a transaction of its own. */
import type { Sql } from "postgres";
import { FraiseqlError } from "../../../core/errors.ts";
import { asked } from "../worker/worker-sql.ts";
import { alteredObjects, keepMadeObjects, tablesMade } from "./made-objects.ts";
import { isSchemaThere } from "./own-schema.ts";
import type { Migration } from "./read-migrations.ts";

/**
 * - `pending`: not in the database yet.
 * - `changed`: in the database, but made by another text of the same name.
 * - `unknown`: in the database, and not among the files: it was made by a newer version.
 * - `altered`: no migration but a table or a function that they made, and that somebody has changed or dropped since.
 */
export type MigrationState = "applied" | "pending" | "changed" | "unknown" | "altered";
export type MigrationReport = { readonly name: string; readonly state: MigrationState };

/** Any number that no other program takes: "fraiseql" in ASCII. */
const LOCK = "7381223350085313900";

/**
 * What each migration is to this database: applied, pending, changed since it was applied, or unknown here; and what is not as
 * they made it.
 *
 * @throws FraiseqlError SCHEMA_FOREIGN where others have a hand in the schema
 */
export async function migrationStates(sql: Sql, migrations: readonly Migration[]): Promise<readonly MigrationReport[]> {
  const applied = await asked(() => appliedMigrations(sql));
  const names = new Set(migrations.map(({ name }) => name));
  const known = migrations.map(({ name, sha256 }): MigrationReport => {
    const there = applied.get(name);
    return { name, state: there === undefined ? "pending" : there === sha256 ? "applied" : "changed" };
  });
  const unknown = [...applied.keys()].filter((name) => !names.has(name));
  const altered = await asked(() => alteredObjects(sql, migrations));
  return [
    ...known,
    ...unknown.map((name): MigrationReport => ({ name, state: "unknown" })),
    ...altered.map((name): MigrationReport => ({ name, state: "altered" })),
  ];
}

/**
 * Applies what is pending, and gives the names. Two at once wait for each other.
 *
 * @throws FraiseqlError MIGRATION_DRIFT where an applied one has another text now, or is unknown, or what they made was altered;
 * SCHEMA_FOREIGN where others have a hand in the schema: nothing is applied then
 */
export async function migrate(sql: Sql, migrations: readonly Migration[]): Promise<readonly string[]> {
  const states = await migrationStates(sql, migrations);
  const drifted = states.filter(({ state }) => state === "changed" || state === "unknown");
  if (drifted.length > 0) {
    const list = drifted.map(({ name, state }) => `${name} (${state})`).join(", ");
    throw new FraiseqlError("MIGRATION_DRIFT", `The schema fraiseql was made by another version of FraiseQL: ${list}.`);
  }
  const altered = states.filter(({ state }) => state === "altered").map(({ name }) => name);
  if (altered.length > 0) {
    const list = altered.join(", ");
    throw new FraiseqlError(
      "MIGRATION_DRIFT",
      `Somebody has changed what FraiseQL made in the schema fraiseql: ${list}.`,
    );
  }
  const done: string[] = [];
  for (const migration of migrations)
    if (await asked(() => apply(sql, migration, migrations))) done.push(migration.name);
  return done;
}

async function appliedMigrations(sql: Sql): Promise<ReadonlyMap<string, string>> {
  if (!(await isSchemaThere(sql))) return new Map();
  const [there] = await sql`select to_regclass('fraiseql.migrations') is not null as made`;
  if (there?.["made"] !== true) return new Map();
  const rows = await sql<
    { name: string; sha256: string }[]
  >`select name, sha256 from fraiseql.migrations order by name`;
  return new Map(rows.map(({ name, sha256 }) => [name, sha256]));
}

/** False where another process has applied it in the meantime. */
function apply(sql: Sql, { name, sql: text, sha256 }: Migration, all: readonly Migration[]): Promise<boolean> {
  return sql.begin(async (transaction) => {
    await transaction`select pg_advisory_xact_lock(${LOCK}::bigint)`;
    await transaction`create schema if not exists fraiseql`;
    // It may be there since a moment ago, by somebody else.
    await isSchemaThere(transaction);
    await transaction`
      create table if not exists fraiseql.migrations (
        name text primary key, sha256 text not null, applied_at timestamptz not null default now()
      )`;
    const [there] = await transaction`select 1 from fraiseql.migrations where name = ${name}`;
    if (there) return false;
    await transaction.unsafe(text).simple();
    await transaction`insert into fraiseql.migrations (name, sha256) values (${name}, ${sha256})`;
    await keepMadeObjects(transaction, all);
    return true;
  });
}

/**
 * Refuses a schema with tables that are not those of the migrations. A role that is called `fraiseql` makes its own ones there too
 * where it names no schema: PostgreSQL looks there first.
 *
 * @throws FraiseqlError SCHEMA_FOREIGN, which names those that are not
 */
export async function refuseOtherTables(sql: Sql, migrations: readonly Migration[]): Promise<void> {
  const made = new Set(tablesMade(migrations));
  const tables = await asked(
    () => sql<{ name: string }[]>`
      select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = 'fraiseql' and c.relkind in ('r', 'p', 'f', 'm', 'v') order by c.relname`,
  );
  const others = tables
    .map(({ name }) => name)
    .filter((name) => !made.has(name) && !made.has(name.replace(/\d+$/, "")));
  if (others.length === 0) return;
  throw new FraiseqlError(
    "SCHEMA_FOREIGN",
    `The schema fraiseql holds what FraiseQL has not made: ${others.join(", ")}. Move it (alter table … set schema public), or drop it.`,
  );
}

/** Drops the schema with all it holds. Triggers on tables have to be released before: that takes locks on those. */
export async function dropSchema(sql: Sql): Promise<void> {
  await asked(() =>
    sql.begin(async (transaction) => {
      await transaction`select pg_advisory_xact_lock(${LOCK}::bigint)`;
      await transaction`drop schema if exists fraiseql cascade`;
    }),
  );
}
