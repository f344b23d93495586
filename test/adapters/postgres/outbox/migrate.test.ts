/** The schema `fraiseql` comes, is held against its files, and goes; triggers come and go on tables in use. */
import { afterEach, expect, test } from "bun:test";
import postgres, { type Sql } from "postgres";
import { dropSchema, migrate, migrationStates } from "../../../../src/adapters/postgres/migrations/migrate.ts";
import { readMigrations } from "../../../../src/adapters/postgres/migrations/read-migrations.ts";
import {
  allTables,
  captureStates,
  captureTables,
  releaseTables,
} from "../../../../src/adapters/postgres/outbox/captured-tables.ts";
import { openWorkerSql } from "../../../../src/adapters/postgres/worker/worker-sql.ts";
import { realWait } from "../../../../src/adapters/timers/wait.ts";
import { type TestDatabase, testDatabase } from "../../../support/postgres.ts";

const SETUP = "create table film (id int primary key, title text); insert into film values (1, 'Alien');";
const FILM = [{ schema: "public", name: "film" }];

let home: TestDatabase;
let sql: Sql;
const open = async (name: string, setup = SETUP) => {
  home = await testDatabase(name, setup);
  sql = openWorkerSql({ url: home.url, connectionsMax: 4, connectTimeoutMs: 5_000, name: "test" });
};
afterEach(async () => {
  await sql.end({ timeout: 1 });
  await home.drop();
});

/** Everything that has a row in a catalog, but for statistics and what only counts. */
async function catalogOf(): Promise<string[]> {
  const rows = await sql`
    select 'class ' || oid::regclass || relhastriggers::text as thing from pg_class where relnamespace::regnamespace::text !~ '^pg_toast'
    union all select 'function ' || oid::regprocedure from pg_proc
    union all select 'type ' || oid::regtype from pg_type where typnamespace::regnamespace::text !~ '^pg_toast'
    union all select 'trigger ' || tgname || tgrelid::regclass from pg_trigger
    union all select 'schema ' || nspname from pg_namespace where nspname !~ '^pg_(toast_)?temp'
    union all select 'constraint ' || conname from pg_constraint
    union all select 'description ' || count(*) from pg_description
    union all select 'event trigger ' || evtname from pg_event_trigger
    union all select 'extension ' || extname from pg_extension
    union all select 'column ' || attrelid::regclass || '.' || attname || coalesce(attacl::text, '') from pg_attribute
      where attnum > 0 and attrelid::regclass::text !~ '^pg_toast'
    union all select 'rights ' || oid::regclass || relacl::text from pg_class where relacl is not null
    union all select 'rights ' || nspname || nspacl::text from pg_namespace where nspacl is not null
    union all select 'default rights ' || defaclobjtype::text || defaclacl::text from pg_default_acl
    union all select 'setting ' || setrole || setconfig::text from pg_db_role_setting
      where setdatabase = (select oid from pg_database where datname = current_database())
    union all select 'dependency ' || classid::regclass || ' of ' || deptype::text || count(*) from pg_depend
      group by classid, deptype
    union all select 'publication ' || pubname from pg_publication
    union all select 'role ' || rolname from pg_roles order by 1`;
  return rows.map((row) => row["thing"]);
}

test("what was installed leaves no trace", async () => {
  await open("no_trace");
  // PostgreSQL keeps the mark relhastriggers until the next vacuum.
  const before = await catalogOf();
  await migrate(sql, await readMigrations());
  await captureTables(sql, realWait, FILM);
  await sql`insert into film values (2, 'Brazil')`;
  expect((await catalogOf()).length).toBeGreaterThan(before.length + 20);
  await releaseTables(sql, realWait);
  await dropSchema(sql);
  await sql`vacuum film`;
  expect(await catalogOf()).toEqual(before);
  await releaseTables(sql, realWait);
});

test("five processes that migrate at the same time apply each file once", async () => {
  await open("migrate_race");
  const files = await readMigrations();
  const pools = Array.from({ length: 5 }, () =>
    openWorkerSql({ url: home.url, connectionsMax: 1, connectTimeoutMs: 5_000, name: "race" }),
  );
  const done = await Promise.all(pools.map((pool) => migrate(pool, files)));
  await Promise.all(pools.map((pool) => pool.end()));
  expect(done.flat().toSorted()).toEqual(files.map(({ name }) => name));
  expect(await migrate(sql, files)).toEqual([]);
});

test("a migration that fails leaves nothing of itself, and those before it", async () => {
  await open("migrate_fails");
  const file = (number: number, text: string) => ({ number, name: `000${number}-x`, sql: text, sha256: `${number}` });
  const files = [file(1, "create table fraiseql.one ()"), file(2, "create table fraiseql.two (); select 1 / 0")];
  expect(await migrate(sql, files).catch((error) => error.code)).toBe("DATABASE_ERROR");
  const [there] =
    await sql`select to_regclass('fraiseql.one') is null as one, to_regclass('fraiseql.two') is null as two`;
  expect(there).toEqual({ one: false, two: true });
});

test("a file that changed after it was applied, or is not there any more, is drift: nothing is applied", async () => {
  await open("migrate_drift");
  const file = (name: string, sha256: string) => ({ number: 1, name, sql: "select 1", sha256 });
  await migrate(sql, [file("0001-a", "x"), file("0002-b", "y")]);
  const later = [file("0001-a", "other"), file("0003-c", "z")];
  expect(await migrationStates(sql, later)).toEqual([
    { name: "0001-a", state: "changed" },
    { name: "0003-c", state: "pending" },
    { name: "0002-b", state: "unknown" },
  ]);
  const failure = await migrate(sql, later).catch((error) => error);
  expect([failure.code, failure.message]).toEqual([
    "MIGRATION_DRIFT",
    "The schema fraiseql was made by another version of FraiseQL: 0001-a (changed), 0002-b (unknown).",
  ]);
});

test("what was changed by hand in what migrations made is drift and has a name, until it is as it was", async () => {
  await open("migrate_altered");
  const files = await readMigrations();
  await migrate(sql, files);
  const altered = async () =>
    (await migrationStates(sql, files)).filter(({ state }) => state !== "applied").map(({ name }) => name);
  await sql`create table fraiseql.of_somebody_else (id int)`;
  expect(await altered()).toEqual([]);
  await sql.unsafe(`alter table fraiseql.relay rename column fence to gate; drop index fraiseql.jobs_due;
    alter table fraiseql.audit alter column action drop not null; drop table fraiseql.breakers;
    create or replace function fraiseql.owner_of(relation regclass) returns regrole language sql as 'select null::regrole'`);
  expect(await altered()).toEqual([
    "function owner_of(relation regclass)",
    "table audit",
    "table breakers",
    "table jobs",
    "table relay",
  ]);
  const failure = await migrate(sql, files).catch((error) => error);
  expect([failure.code, failure.message]).toEqual([
    "MIGRATION_DRIFT",
    "Somebody has changed what FraiseQL made in the schema fraiseql: function owner_of(relation regclass), table audit, table breakers, table jobs, table relay.",
  ]);
  await sql.unsafe(
    `alter table fraiseql.relay rename column gate to fence; alter table fraiseql.audit alter column action set not null`,
  );
  expect(await altered()).toEqual(["function owner_of(relation regclass)", "table breakers", "table jobs"]);
});

test("what keeps writes from a table of ours, or loses them, is drift", async () => {
  await open("migrate_guards");
  const files = await readMigrations();
  await migrate(sql, files);
  for (const [change, back] of [
    ["create rule nothing as on insert to fraiseql.outbox do instead nothing", "drop rule nothing on fraiseql.outbox"],
    ["alter table fraiseql.jobs set unlogged", "alter table fraiseql.jobs set logged"],
    ["alter table fraiseql.audit enable row level security", "alter table fraiseql.audit disable row level security"],
  ] as const) {
    await sql.unsafe(change);
    const states = await migrationStates(sql, files);
    expect(states.filter(({ state }) => state !== "applied")).toHaveLength(1);
    await sql.unsafe(back);
    expect((await migrationStates(sql, files)).filter(({ state }) => state !== "applied")).toEqual([]);
  }
});

test("functions that forbid ways to read are not compiled, however much PostgreSQL thinks that they cost", async () => {
  await open("migrate_jit");
  await migrate(sql, await readMigrations());
  const rows = await sql`
    select proname as name, 'jit=off' = any(proconfig) as kept from pg_proc
    where pronamespace = 'fraiseql'::regnamespace and 'enable_seqscan=off' = any(proconfig) order by proname`;
  expect(rows.map(({ name, kept }) => [name, kept])).toEqual([
    ["bus_claim", true],
    ["bus_publish", true],
    ["bus_turn", true],
    ["claim_jobs", true],
    ["end_jobs", true],
    ["record_attempts", true],
  ]);
});

test("a trigger that fires at some rows only, and a function that runs as another or otherwise, are put back", async () => {
  await open("capture_guards");
  await migrate(sql, await readMigrations());
  await captureTables(sql, realWait, FILM);
  const [made] = await sql`select proname as name from pg_proc where proname ~ '^capture_[0-9a-f]{16}$'`;
  const name = `fraiseql.${made?.["name"]}()`;
  for (const change of [
    `create or replace trigger fraiseql_capture_delete after delete on film referencing old table as old_rows
       for each statement when (false) execute function ${name};
     alter table film enable always trigger fraiseql_capture_delete`,
    `alter function ${name} security invoker`,
    `alter function ${name} set search_path = public`,
  ]) {
    await sql.unsafe(change);
    expect(await captureStates(sql, FILM)).toEqual([{ table: "public.film", state: "missing" }]);
    await captureTables(sql, realWait, FILM);
    expect(await captureTables(sql, realWait, FILM)).toEqual([]);
  }
  await sql`delete from film`;
  const [events] = await sql`select count(*)::int as count from fraiseql.outbox`;
  expect(events).toEqual({ count: 1 });
});

test("a trigger function with another text than ours is put back", async () => {
  await open("capture_edited");
  await migrate(sql, await readMigrations());
  await captureTables(sql, realWait, FILM);
  const [edited] = await sql`select proname as name from pg_proc where proname ~ '^capture_[0-9a-f]{16}$'`;
  await sql.unsafe(
    `create or replace function fraiseql.${edited?.["name"]}() returns trigger language plpgsql as 'begin return null; end'`,
  );
  expect(await captureStates(sql, FILM)).toEqual([{ table: "public.film", state: "missing" }]);
  await captureTables(sql, realWait, FILM);
  await sql`insert into film values (2, 'Brazil')`;
  const [events] = await sql`select count(*)::int as count from fraiseql.outbox`;
  expect(events).toEqual({ count: 1 });
});

test("triggers that are gone, switched off or of another form are put back; those of other tables are taken off", async () => {
  await open("capture_states", `${SETUP} create table other (id int); create table third (id int);`);
  await migrate(sql, await readMigrations());
  expect((await allTables(sql)).map(({ name }) => name)).toEqual(["film", "other", "third"]);
  const both = [...FILM, { schema: "public", name: "other" }];
  await captureTables(sql, realWait, both);
  await sql`alter table other disable trigger fraiseql_capture_update`;
  await sql`drop trigger fraiseql_capture_delete on film`;
  expect(await captureStates(sql, both)).toEqual([
    { table: "public.film", state: "missing" },
    { table: "public.other", state: "missing" },
  ]);
  await captureTables(sql, realWait, both);
  expect(await captureTables(sql, realWait, both)).toEqual([]);
  expect(await captureTables(sql, realWait, [{ schema: "public", name: "film", columns: ["id"] }])).toEqual([
    { table: "public.film", state: "missing" },
    { table: "public.other", state: "superfluous" },
  ]);
  const [left] = await sql`select count(*)::int as count from pg_proc where proname ~ '^capture_[0-9a-f]{16}$'`;
  expect(left).toEqual({ count: 1 });
});

test("triggers of an earlier version work until they are replaced, and leave nothing behind", async () => {
  await open("capture_upgrade");
  const files = await readMigrations();
  await migrate(sql, files.slice(0, 7));
  await captureTables(sql, realWait, FILM);
  await migrate(sql, files);
  await sql`insert into film values (2, 'Brazil')`;
  expect(await captureTables(sql, realWait, FILM)).toEqual([{ table: "public.film", state: "missing" }]);
  await sql`insert into film values (3, 'Cube')`;
  expect(await captureStates(sql, FILM)).toEqual([{ table: "public.film", state: "captured" }]);
  const events = await sql`select table_name, key, after from fraiseql.outbox order by position`;
  expect([...events]).toEqual([
    { table_name: "public.film", key: "[2]", after: '{"id":2,"title":"Brazil"}' },
    { table_name: "public.film", key: "[3]", after: '{"id":3,"title":"Cube"}' },
  ]);
});

test("a table that was dropped or renamed leaves no function by which its events can be written", async () => {
  await open("capture_dropped", `${SETUP} create table other (id int); create table third (id int);`);
  await migrate(sql, await readMigrations());
  const role = `owner_${crypto.randomUUID().slice(0, 8)}`;
  await sql
    .unsafe(`create role ${role}; alter table other owner to ${role}; alter table third owner to ${role}`)
    .simple();
  const tables = (...names: string[]) => names.map((name) => ({ schema: "public", name }));
  await captureTables(sql, realWait, tables("film", "other", "third"));
  const functions = async () => {
    const [row] = await sql`select count(*)::int as count from pg_proc where proname ~ '^(capture|put)_[0-9a-f]{16}$'`;
    return row?.["count"];
  };
  expect(await functions()).toBe(5);
  await sql`drop table other`;
  await sql`alter table third rename to fourth`;
  await captureTables(sql, realWait, tables("film", "fourth"));
  expect(await functions()).toBe(3);
  await releaseTables(sql, realWait);
  expect(await functions()).toBe(0);
  await sql.unsafe(`drop owned by ${role}; drop role ${role}`).simple();
});

test("a table or a column that is not there is refused with its name", async () => {
  await open("capture_unknown");
  await migrate(sql, await readMigrations());
  const refusal = (tables: Parameters<typeof captureTables>[2]) =>
    captureTables(sql, realWait, tables).catch((error) => `${error.code}: ${error.message}`);
  expect(await refusal([{ schema: "public", name: "flim" }])).toBe(
    "CONFIG_INVALID: events: there is no table public.flim.",
  );
  expect(await refusal([{ schema: "public", name: "film", columns: ["id", "titel"] }])).toBe(
    "CONFIG_INVALID: events: the table public.film has no stored column titel.",
  );
});

/** By the server's clock, from when it had the statement: waiting for the table included, this process's other work not. */
const insertMs = async (on: Sql, id: number): Promise<number> => {
  const added = `with added as (insert into film values (${id}, 'x') returning id)
    select extract(epoch from clock_timestamp() - statement_timestamp())::float8 * 1000 as ms from added`;
  const [row] = await on.unsafe<{ ms: number }[]>(added).simple();
  return Number(row?.ms);
};

test("a writer beside a migration waits less than 50 ms, while that waits for a long transaction and while it has the table", async () => {
  await open("capture_lock");
  await migrate(sql, await readMigrations());
  const other = postgres(home.url, { max: 1 });
  let id = 100;
  const slowestBesideCapture = async () => {
    await releaseTables(sql, realWait);
    const long = await sql.reserve();
    await long`begin`;
    await long`update film set title = 'Aliens' where id = 1`;
    let isOver = false;
    const capturing = captureTables(sql, realWait, FILM).finally(() => {
      isOver = true;
    });
    let slowest = 0;
    for (let held = 0; !isOver; ) {
      id += 1;
      const ms = await insertMs(other, id);
      slowest = Math.max(slowest, ms);
      // Three were behind the migration until it gave up.
      if (ms > 10) held += 1;
      if (ms > 10 && held === 3) await long`commit`;
    }
    long.release();
    expect(await capturing).toEqual([{ table: "public.film", state: "missing" }]);
    return slowest;
  };
  // A machine with other work may keep the server itself waiting: once is enough.
  let slowest = Number.POSITIVE_INFINITY;
  for (let tries = 0; tries < 3 && slowest >= 50; tries += 1) slowest = Math.min(slowest, await slowestBesideCapture());
  expect(slowest).toBeLessThan(50);
  await other.end();
  expect(await captureStates(sql, FILM)).toEqual([{ table: "public.film", state: "captured" }]);
});
