/** Who may write rows may not write events: those come from the triggers alone. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import postgres, { type Sql } from "postgres";
import { type MigratedDatabase, migratedDatabase } from "../support/migrated.ts";

let home: MigratedDatabase;
let writer: Sql;
let trigger: string;
beforeAll(async () => {
  home = await migratedDatabase("forged_events");
  await home.sql.unsafe(`
    create table public.orders (id int primary key, org_id text, total int);
    create role forger login password 'forger';
    grant usage on schema public, fraiseql to forger;
    grant select, insert, update, delete on public.orders, fraiseql.idempotency_keys to forger;
    select fraiseql.capture('public.orders');`);
  const [row] =
    await home.sql`select 'fraiseql.' || tgfoid::regproc as name from pg_trigger where tgrelid = 'public.orders'::regclass limit 1`;
  trigger = row?.["name"];
  const url = new URL(home.url);
  url.username = url.password = "forger";
  writer = postgres(url.toString(), { max: 1, onnotice: () => {} });
});
afterAll(async () => {
  await writer.end();
  await home.sql.unsafe("drop owned by forger; drop role forger");
  await home.drop();
});

const refusal = (text: string) =>
  writer.unsafe(text).then(
    () => "done",
    (error) => error.code,
  );

test("the triggers of a table work for whoever may write to it", async () => {
  await writer`insert into orders values (1, 'acme', 5)`;
  const events = await home.sql`select table_name, org, after from fraiseql.outbox`;
  expect([...events]).toEqual([
    { table_name: "public.orders", org: "acme", after: '{"id":1,"org_id":"acme","total":5}' },
  ]);
});

test("nobody can put them on a table of his own, to have events of another say what he likes", async () => {
  await writer`create temp table mine (id int primary key, org_id text, total int)`;
  const attempt = `create trigger t after insert on mine referencing new table as new_rows for each statement execute function ${trigger}()`;
  expect(await refusal(attempt)).toBe("42501");
});

test.each([
  "insert into fraiseql.outbox (slot, table_name, operation, key, bytes) values (0, 'public.orders', 'insert', '[1]', 0)",
  "select * from fraiseql.outbox",
  "select nextval('fraiseql.outbox_position')",
  "select fraiseql.capture('orders')",
  "select fraiseql.release('orders')",
  "select fraiseql.bus_publish('{}', '{}', '{}', 60, '')",
  "select fraiseql.place()",
  "select * from fraiseql.deliveries",
  "update fraiseql.relay set position = 0",
  "create table fraiseql.mine ()",
  "alter table orders disable trigger all",
  "set session_replication_role = replica",
])("may not: %s", async (text) => {
  expect(await refusal(text)).toBe("42501");
});
