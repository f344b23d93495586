/** A schema `fraiseql` in which others have a hand is not touched: what is planted there would run as who migrates. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "bun:test";
import type { Sql } from "postgres";
import { openWorkerSql } from "../../src/adapters/postgres/worker/worker-sql.ts";
import {
  inspectMigrations,
  type MigrationTarget,
  migrateDatabase,
  uninstallMigrations,
} from "../../src/compose/migrating.ts";
import { runSql, type TestDatabase, testDatabase, testServer } from "../support/postgres.ts";

let home: TestDatabase;
let sql: Sql;
let target: MigrationTarget;
beforeAll(async () =>
  runSql(await testServer(), "create role planter; create role gardener login password 'gardener'"),
);
afterAll(async () => runSql(await testServer(), "drop role planter; drop role gardener"));
beforeEach(async () => {
  home = await testDatabase(
    "foreign_schema",
    `create table public.ran_as (role text); grant insert on public.ran_as to public;
     create table public.city (id int primary key);
     create function public.plant() returns trigger language plpgsql as $$
       begin insert into public.ran_as values (current_user); return new; end $$;`,
  );
  target = { url: home.url, connectTimeoutMs: 5_000, events: { tables: ["public.city"], columns: undefined } };
  sql = openWorkerSql({ url: home.url, connectionsMax: 1, connectTimeoutMs: 5_000, name: "test" });
});
afterEach(async () => {
  await sql.end();
  await home.drop();
});

const WAYS = { inspectMigrations, migrateDatabase, uninstallMigrations };
/** What each way of `fraiseql migrate` says. */
async function refusals(): Promise<string[]> {
  const said: string[] = [];
  for (const way of Object.values(WAYS)) {
    said.push(
      await way(target).then(
        () => "done",
        (error) => `${error.code}: ${error.message}`,
      ),
    );
  }
  const ran = await sql`select role from public.ran_as`;
  return [...new Set([...said, ...ran.map(({ role }) => `ran as ${role}`)])];
}
const me = async () => (await sql`select current_user::text as name`)[0]?.["name"];

test("another's is refused, by its owner's name, and nothing in it runs", async () => {
  await sql
    .unsafe(`
    create schema fraiseql; alter schema fraiseql owner to planter; set role planter;
    create table fraiseql.migrations (name text primary key, sha256 text not null, applied_at timestamptz default now());
    create trigger plant before insert on fraiseql.migrations for each row execute function public.plant();
    create function fraiseql.release(regclass) returns void language sql as 'insert into public.ran_as values (current_user)';
    create function fraiseql.is_captured(regclass, text[]) returns boolean language sql as
      'insert into public.ran_as values (current_user); select false';
    reset role`)
    .simple();
  const said = `is planter's, and this is ${await me()}: connect as planter, or drop it if it is not FraiseQL's`;
  expect(await refusals()).toEqual([`SCHEMA_FOREIGN: The schema fraiseql ${said}.`]);
});

test("one in which others may create is refused, with who they are", async () => {
  await migrateDatabase(target);
  await sql`grant create on schema fraiseql to planter, public`;
  const said = "can be added to by everybody, planter: revoke create on schema fraiseql";
  expect(await refusals()).toEqual([`SCHEMA_FOREIGN: The schema fraiseql ${said}.`]);
});

test("one in which something is another's is refused, with whose it is", async () => {
  await sql
    .unsafe(`
    create schema fraiseql; grant create, usage on schema fraiseql to planter; set role planter;
    create function fraiseql.place(text) returns text language sql return 'mine'; reset role;
    revoke all on schema fraiseql from planter`)
    .simple();
  const said = "holds what belongs to planter: drop that, or all of the schema";
  expect(await refusals()).toEqual([`SCHEMA_FOREIGN: The schema fraiseql ${said}.`]);
});

test("an empty one of this role's is taken, and the functions of others' captured tables are no offence", async () => {
  await sql.unsafe("create schema fraiseql; alter table public.city owner to planter").simple();
  await migrateDatabase(target);
  expect((await inspectMigrations(target)).tables).toEqual([{ table: "public.city", state: "captured" }]);
  expect((await migrateDatabase(target)).migrations).toEqual([]);
  await uninstallMigrations(target);
  expect([...(await sql`select from pg_namespace where nspname = 'fraiseql'`)]).toEqual([]);
});

test("who migrates without being a superuser captures tables of roles that he is a member of", async () => {
  await sql
    .unsafe(`
    grant planter to gardener; alter table public.city owner to planter;
    do $$ begin execute format('grant create on database %I to gardener', current_database()); end $$`)
    .simple();
  const url = new URL(home.url);
  url.username = url.password = "gardener";
  target = { ...target, url: url.toString() };
  await migrateDatabase(target);
  await sql`insert into public.city values (1)`;
  expect([...(await sql`select table_name, key from fraiseql.outbox`)]).toEqual([
    { table_name: "public.city", key: "[1]" },
  ]);
  expect(await migrateDatabase(target)).toEqual({ migrations: [], tables: [] });
  const [rights] = await sql`select has_schema_privilege('planter', 'fraiseql', 'create') as create`;
  expect(rights).toEqual({ create: false });
});

test("operators of a schema on the role's path are not taken for PostgreSQL's", async () => {
  await sql
    .unsafe(`
    create function public.join_name(name, text) returns text language sql as
      'insert into public.ran_as values (current_user); select $1::text operator(pg_catalog.||) $2';
    create operator public.|| (function = public.join_name, leftarg = name, rightarg = text)`)
    .simple();
  expect(await refusals()).toEqual(["done"]);
});

test("tables that its own role has put there are not dropped with it, and the triggers stay", async () => {
  await migrateDatabase(target);
  await sql`create table fraiseql.orders (id int)`;
  await sql`create view fraiseql.big_orders as select id from fraiseql.orders`;
  const message =
    "The schema fraiseql holds what FraiseQL has not made: big_orders, orders. " +
    "Move it (alter table … set schema public), or drop it.";
  await expect(uninstallMigrations(target)).rejects.toMatchObject({ code: "SCHEMA_FOREIGN", message });
  expect((await inspectMigrations(target)).tables).toMatchObject([{ table: "public.city", state: "captured" }]);
  await sql`drop view fraiseql.big_orders`;
  await sql`alter table fraiseql.orders set schema public`;
  await uninstallMigrations(target);
  expect((await sql`select to_regnamespace('fraiseql') as there, 'public.orders'::regclass::text as moved`)[0]).toEqual(
    {
      there: null,
      moved: "orders",
    },
  );
});
