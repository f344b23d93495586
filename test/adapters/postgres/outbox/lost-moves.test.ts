/** Rows that an update moves to a partition whose BEFORE INSERT trigger drops some of them: PostgreSQL has fewer new rows then than old ones. */
import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import type { Sql } from "postgres";
import { migrate } from "../../../../src/adapters/postgres/migrations/migrate.ts";
import { readMigrations } from "../../../../src/adapters/postgres/migrations/read-migrations.ts";
import { captureStates, captureTables } from "../../../../src/adapters/postgres/outbox/captured-tables.ts";
import { openWorkerSql } from "../../../../src/adapters/postgres/worker/worker-sql.ts";
import { realWait } from "../../../../src/adapters/timers/wait.ts";
import { testDatabase } from "../../../support/postgres.ts";
import { type ObservedDatabase, observedDatabase } from "./observed-database.ts";

const OWNER = `owner_${crypto.randomUUID().slice(0, 8)}`;
const PARTITIONED = ["seat", "loose", "owned"];
const SETUP = `
  create role ${OWNER};
  create function drop_102() returns trigger language plpgsql as $$ begin return case when new.id = 102 then null else new end; end $$;
  ${PARTITIONED.map(
    (name) => `
      create table ${name} (id int, row int, guest text${name === "loose" ? "" : ", primary key (id, row)"}) partition by list (row);
      create table ${name}_1 partition of ${name} for values in (1);
      create table ${name}_2 partition of ${name} for values in (2, 3);
      create trigger drop_102 before insert on ${name}_2 for each row execute function drop_102();`,
  ).join("")}
  ${["owned", "owned_1", "owned_2"].map((name) => `alter table ${name} owner to ${OWNER};`).join(" ")}`;
const tables = (...names: string[]) => names.map((name) => ({ schema: "public", name }));

let db: ObservedDatabase;
let sql: Sql;
beforeAll(async () => {
  db = await observedDatabase("lost_moves", SETUP, tables(...PARTITIONED));
  sql = db.connect();
});
afterAll(async () => {
  await sql.unsafe(`drop owned by ${OWNER}; drop role ${OWNER}`).simple();
  await db.close();
});
beforeEach(async () => {
  await sql.unsafe(`truncate ${PARTITIONED.join(", ")}`);
});

/** What a statement writes about rows that are there: `operation key before after`. */
async function captured(rows: string, statement: string): Promise<string[]> {
  await sql.unsafe(`${rows}; truncate fraiseql.outbox; ${statement}`).simple();
  const events = await sql`select operation, key, before, after from fraiseql.outbox order by position`;
  return events.map(({ operation, key, before, after }) => [operation, key, before, after].join(" "));
}

test.each(["seat", "owned"])(
  "each row of %s is paired with itself, and one that is dropped is deleted",
  async (name) => {
    const rows = `insert into ${name} values (101, 1, 'Ann'), (102, 1, 'Bob'), (103, 1, 'Cyd')`;
    expect(await captured(rows, `update ${name} set row = 2`)).toEqual([
      'delete [102,1] {"id":102,"row":1,"guest":"Bob"} ',
      'update [101,2] {"id":101,"row":1,"guest":"Ann"} {"id":101,"row":2,"guest":"Ann"}',
      'update [103,2] {"id":103,"row":1,"guest":"Cyd"} {"id":103,"row":2,"guest":"Cyd"}',
    ]);
  },
);

test("rows that share the rest of their key are paired by the whole of it, and what moves is deleted and inserted", async () => {
  const rows = "insert into seat values (101, 1, 'Ann'), (101, 2, 'Bob'), (102, 1, 'Cyd'), (104, 1, 'Dan')";
  const change = "update seat set row = case row when 2 then 3 when 1 then case id when 102 then 2 else 1 end end";
  expect(await captured(rows, change)).toEqual([
    'delete [101,2] {"id":101,"row":2,"guest":"Bob"} ',
    'delete [102,1] {"id":102,"row":1,"guest":"Cyd"} ',
    'insert [101,3]  {"id":101,"row":3,"guest":"Bob"}',
  ]);
});

test("without a key no row is paired with another: all are deleted and inserted", async () => {
  const rows = "insert into loose values (101, 1, 'Ann'), (102, 1, 'Bob')";
  expect(await captured(rows, "update loose set row = 2")).toEqual([
    'delete [] {"id":101,"row":1,"guest":"Ann"} ',
    'delete [] {"id":102,"row":1,"guest":"Bob"} ',
    'insert []  {"id":101,"row":2,"guest":"Ann"}',
  ]);
});

test("an update of which nothing is left deletes all its rows", async () => {
  expect(await captured("insert into seat values (102, 1, 'Bob')", "update seat set row = 2")).toEqual([
    'delete [102,1] {"id":102,"row":1,"guest":"Bob"} ',
  ]);
});

test("of triggers of an earlier version, those of partitioned tables are replaced and others stay", async () => {
  const other = await testDatabase(
    "lost_moves_before",
    "create table seat (id int primary key) partition by list (id); create table whole (id int primary key)",
  );
  const own = openWorkerSql({ url: other.url, connectionsMax: 1, connectTimeoutMs: 5_000, name: "test" });
  const files = await readMigrations();
  await migrate(
    own,
    files.filter(({ number }) => number < 12),
  );
  const observed = tables("seat", "whole");
  await captureTables(own, realWait, observed);
  await migrate(own, files);
  expect(await captureTables(own, realWait, observed)).toEqual([{ table: "public.seat", state: "missing" }]);
  expect((await captureStates(own, observed)).map(({ state }) => state)).toEqual(["captured", "captured"]);
  await own.end();
  await other.drop();
});
