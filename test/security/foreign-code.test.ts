/** Casts of a table's owner run when its rows become events: with the owner's rights, whoever migrated and whoever writes. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import postgres from "postgres";
import { captureStates, captureTables } from "../../src/adapters/postgres/outbox/captured-tables.ts";
import { realWait } from "../../src/adapters/timers/wait.ts";
import { type MigratedDatabase, migratedDatabase } from "../support/migrated.ts";

const ORDERS = [{ schema: "shop", name: "orders" }];
/** Each call of the cast leaves the name of the role as which it ran. */
const cast = (target: "json" | "text", value: string) => `
  create function shop.mood_as_${target}(shop.mood) returns ${target} language plpgsql strict as $$
    begin
      insert into public.ran_as values (current_user);
      return ${value};
    end $$;
  create cast (shop.mood as ${target}) with function shop.mood_as_${target}(shop.mood);`;

let home: MigratedDatabase;
beforeAll(async () => {
  home = await migratedDatabase("foreign_code");
  await home.sql.unsafe(`
    create role shopkeeper login password 'shopkeeper';
    create role customer login password 'customer';
    create table public.ran_as (role text);
    grant select, insert on public.ran_as to public;
    create schema shop authorization shopkeeper;
    set role shopkeeper;
    create type shop.mood as enum ('calm', 'cross');
    create type shop.seat as (number int, mood shop.mood);
    create table shop.orders (id int primary key, org_id shop.mood, seats shop.seat[], total int);
    grant usage on schema shop to customer;
    grant select, insert, update, delete on shop.orders to customer;
    ${cast("json", `'"seen"'`)}
    ${cast("text", "'acme'")}
    reset role`);
  await captureTables(home.sql, realWait, ORDERS);
});
afterAll(async () => {
  await home.drop();
  const { sql, drop } = await migratedDatabase("foreign_code_roles");
  await sql.unsafe("drop role shopkeeper; drop role customer");
  await drop();
});

const as = async <T>(role: string, step: (sql: postgres.Sql) => Promise<T>): Promise<T> => {
  const url = new URL(home.url);
  url.username = url.password = role;
  const sql = postgres(url.toString(), { max: 1, onnotice: () => {} });
  return await step(sql).finally(() => sql.end());
};
const refusal = (role: string, text: string) =>
  as(role, (sql) =>
    sql.unsafe(text).then(
      () => "done",
      (error) => error.code,
    ),
  );
const WRITES = `
  insert into shop.orders values (1, 'calm', '{"(7,cross)"}', 5), (2, null, null, 6);
  update shop.orders set total = total + 1;
  delete from shop.orders`;

test("a cast to json or to text sees the rights of the table's owner, and no others", async () => {
  await as("customer", (sql) => sql.unsafe(WRITES));
  await home.sql.unsafe(WRITES);
  const roles = await home.sql`select distinct role from ran_as`;
  expect(roles.map(({ role }) => role)).toEqual(["shopkeeper"]);
});

test("the events are the same as of a table that the migrating role owns", async () => {
  await home.sql`truncate fraiseql.outbox`;
  await as("customer", async (sql) => {
    await sql.unsafe(`begin; select set_config('fraiseql.actor', 'ann', true), set_config('fraiseql.org', 'other', true);
      ${WRITES}; commit`);
    await as("shopkeeper", (own) => own`truncate shop.orders`);
  });
  const events = await home.sql`
    select operation, key, before, after, bytes, org, actor from fraiseql.outbox where table_name = 'shop.orders' order by position`;
  const row = (id: number, total: number) =>
    id === 1
      ? `{"id":1,"org_id":"seen","seats":[{"number":7,"mood":"seen"}],"total":${total}}`
      : `{"id":2,"org_id":null,"seats":null,"total":${total}}`;
  const event = (operation: string, id: number, before: string | null, after: string | null) => ({
    ...{ operation, key: `[${id}]`, before, after, bytes: (before ?? "").length + (after ?? "").length },
    ...{ org: id === 1 ? "acme" : "other", actor: "ann" },
  });
  expect([...events]).toEqual([
    event("insert", 1, null, row(1, 5)),
    event("insert", 2, null, row(2, 6)),
    event("update", 1, row(1, 5), row(1, 6)),
    event("update", 2, row(2, 6), row(2, 7)),
    event("delete", 1, row(1, 6), null),
    event("delete", 2, row(2, 7), null),
    { operation: "truncate", key: "[]", before: null, after: null, bytes: 0, org: null, actor: null },
  ]);
});

test("who may write the table, and no more, can call nothing that writes events", async () => {
  const functions = await home.sql`
    select 'fraiseql.' || proname as name, pronargs as count from pg_proc
    where pronamespace = 'fraiseql'::regnamespace and prosecdef and prorettype <> 'trigger'::regtype`;
  expect(functions.length).toBe(1);
  await home.sql`grant usage on schema fraiseql to customer`;
  for (const { name, count } of functions) {
    const nulls = Array.from({ length: count }, () => "null").join(", ");
    expect(await refusal("customer", `select ${name}(${nulls})`)).toBe("42501");
  }
  expect(await refusal("shopkeeper", "select * from fraiseql.outbox")).toBe("42501");
  expect(await refusal("shopkeeper", "insert into fraiseql.outbox_ring values (true, 0, now())")).toBe("42501");
  expect(await refusal("shopkeeper", "create table fraiseql.mine ()")).toBe("42501");
});

test("the table's owner can write by it what is an event of his table, and nothing else", async () => {
  const [{ name } = { name: "" }] = await home.sql<{ name: string }[]>`
    select 'fraiseql.' || proname as name from pg_proc where pronamespace = 'fraiseql'::regnamespace and proname like 'put%'`;
  const row = `'{"id":1}'`;
  const given = [
    [`'insert","table":"public.other'`, "'[1]'", "null", row],
    ["'insert'", "'[1]'", "null", `'null,"table":"public.other"'`],
    ["'insert'", "'[1]'", "null", "'7'"],
    ["'delete'", "'1'", row, "null"],
    ["'delete'", "null", row, "null"],
    ["null", "'[1]'", "null", row],
    ["'insert'", "'[1]'", "null", row],
  ];
  const answers: string[] = [];
  for (const values of given) answers.push(await refusal("shopkeeper", `select ${name}(${values.join(", ")}, 'acme')`));
  expect(answers).toEqual(["23514", "22P02", "23514", "23514", "23502", "23502", "done"]);
  const [event] =
    await home.sql`select table_name, operation, after from fraiseql.outbox order by position desc limit 1`;
  expect(event).toEqual({ table_name: "shop.orders", operation: "insert", after: '{"id":1}' });
});

test("a table that changed hands is to be migrated again, and runs as its new owner then", async () => {
  await home.sql`alter table shop.orders owner to customer`;
  expect(await captureStates(home.sql, ORDERS)).toEqual([{ table: "shop.orders", state: "missing" }]);
  await captureTables(home.sql, realWait, ORDERS);
  expect(await captureStates(home.sql, ORDERS)).toEqual([{ table: "shop.orders", state: "captured" }]);
  await home.sql.unsafe("truncate ran_as; grant usage on schema shop to customer");
  await home.sql.unsafe(WRITES);
  const roles = await home.sql`select distinct role from ran_as`;
  expect(roles.map(({ role }) => role)).toEqual(["customer"]);
});

test("every function that runs with its owner's rights looks into pg_catalog first and into temporary tables last", async () => {
  const open = await home.sql`
    select oid::regprocedure::text as name from pg_proc
    where pronamespace = 'fraiseql'::regnamespace and (prosecdef or proconfig is not null)
      and not coalesce('search_path=pg_catalog, pg_temp' = any(proconfig), false)`;
  expect([...open]).toEqual([]);
});
