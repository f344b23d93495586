/** What `fraiseql migrate` does to triggers follows the settings, and where those are wrong it does nothing. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { runSql, type TestDatabase, testDatabase } from "../support/postgres.ts";
import { type Workplace, workplace } from "./command-line.ts";

let database: TestDatabase;
let at: Workplace;
beforeAll(async () => {
  database = await testDatabase(
    "cli_migrate",
    `create table city (id int primary key, name text);
    create table log (day int) partition by list (day); create table log_1 partition of log for values in (1)`,
  );
  at = await workplace(database.url);
});
afterAll(async () => {
  await at.remove();
  await database.drop();
});

const settings = (toml: string) => at.write("fraiseql.toml", toml);
const refused = (message: string) => ({ code: 2, out: "", err: expect.stringContaining(message) });

test("on an empty database, a dry run names what migrate would do and refuses what it would refuse", async () => {
  for (const [listed, message] of [
    ['tables = ["public.nope"]', "there is no table public.nope"],
    ['tables = ["public.city"]\ncolumns = ["public.city.nmae"]', "the table public.city has no stored column nmae"],
  ]) {
    await settings(`[events]\n${listed}\n`);
    expect(await at.run("migrate", "--dry-run")).toEqual(refused(message as string));
  }
  await settings('[events]\ntables = ["public.log"]\n');
  const tried = await at.run("migrate", "--dry-run", "--json");
  expect(JSON.parse(tried.out).tables).toEqual([
    { table: "public.log", state: "missing" },
    { table: "public.log_1", state: "missing" },
  ]);
  await settings("");
}, 60_000);

test("where nothing is captured, a migration without tables and without an artifact makes the schema", async () => {
  expect(await at.run("migrate")).toMatchObject({ code: 0, out: expect.stringContaining("0001-outbox") });
  expect(await at.run("migrate", "--check")).toEqual({ code: 0, out: "Everything is in place.\n", err: "" });
}, 60_000);

test("a listed column of a table that is not observed is refused with the name that was probably meant", async () => {
  const listed = (tables: string) =>
    settings(`[events]\ntables = ${tables}\ncolumns = ["public.ctiy.id", "public.ctiy.name", "public.city.id"]\n`);
  const refusal = refused('events.columns: the table public.ctiy is not observed; did you mean "public.city"?\n');
  for (const tables of ['["public.city"]', '["*"]']) {
    await listed(tables);
    for (const way of [[], ["--dry-run"], ["--check"]]) expect(await at.run("migrate", ...way)).toEqual(refusal);
  }
}, 60_000);

describe("where a table is captured", () => {
  beforeEach(async () => {
    await settings('[events]\ntables = ["public.city"]\n');
    expect(await at.run("migrate")).toMatchObject({ code: 0 });
  }, 60_000);

  test.each([
    ["no settings", ""],
    ["an artifact that is not there", '[artifact]\npath = "/typo.json"\n'],
  ])(
    "with %s, nothing is released",
    async (_, toml) => {
      await settings(toml);
      const refusal = refused("public.city would be released. Set FRAISEQL_EVENTS_TABLES");
      for (const way of [[], ["--dry-run"], ["--check"]])
        expect(await at.run("migrate", ...way)).toMatchObject(refusal);
      await settings('[events]\ntables = ["public.city"]\n');
      expect(await at.run("migrate", "--check")).toMatchObject({ code: 0 });
    },
    60_000,
  );

  test("a list of tables that is there and empty releases it", async () => {
    await settings("[events]\ntables = []\n");
    expect((await at.run("migrate")).out).toBe("released  public.city\n1 step done.\n");
  }, 60_000);

  test("uninstall needs no settings", async () => {
    await settings("");
    expect(await at.run("migrate", "--uninstall")).toMatchObject({ code: 0 });
    await runSql(database.url, "insert into city values (1, 'Odense')");
  }, 60_000);
});
