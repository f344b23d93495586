/** What the triggers write into the outbox, for every way in which PostgreSQL changes rows. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import postgres, { type Sql } from "postgres";
import { captureStates, captureTables } from "../../../../src/adapters/postgres/outbox/captured-tables.ts";
import { realWait } from "../../../../src/adapters/timers/wait.ts";
import { runSql, testServer } from "../../../support/postgres.ts";
import { type ObservedDatabase, observedDatabase } from "./observed-database.ts";

const SETUP = `
  create table film (id int primary key, title text, tags text[], released timestamptz, price numeric(10,2), doc json);
  create table seat (row_no int, seat_no int, guest text, primary key (row_no, seat_no));
  create table line (word text, twice int generated always as (length(word) * 2) virtual);
  create table invoice (id bigint primary key, org_id uuid, total numeric, card_number text);
  create table booking (id int, month int, guest text, primary key (id, month)) partition by list (month);
  create table booking_1 partition of booking for values in (1);
  create table booking_2 (guest text, month int not null, id int not null);
  alter table booking attach partition booking_2 for values in (2);
  create table parent (id int primary key);
  create table child (id int primary key, parent_id int references parent on update cascade on delete cascade);
  create table visit (id int primary key, day daterange, days datemultirange, at tstzrange, lasted interval, paid money, seen regclass, share float8, raw bytea);
  create table "Odd ""name" ("the key" int primary key, "r" text, fraiseql_row text);
`;
const table = (name: string, columns?: string[]) =>
  columns ? { schema: "public", name, columns } : { schema: "public", name };
const OBSERVED = [
  ...["film", "seat", "line", "booking", "parent", "child", "visit", 'Odd "name'].map((name) => table(name)),
  table("invoice", ["id", "total"]),
];

let db: ObservedDatabase;
let sql: Sql;
beforeAll(async () => {
  db = await observedDatabase("capture", SETUP, OBSERVED);
  sql = db.connect();
});
afterAll(() => db.close());
beforeEach(async () => {
  await sql`truncate film, seat, line, invoice, booking, parent, child, visit, "Odd ""name"`;
  await sql`truncate fraiseql.outbox`;
});

/** What the script writes: `table operation key before after`, in the order of positions. */
async function captured(script: string): Promise<string[]> {
  await sql.unsafe(script).simple();
  const rows = await sql`select table_name, operation, key, before, after from fraiseql.outbox order by position`;
  return rows.map((row) => [row["table_name"], row["operation"], row["key"], row["before"], row["after"]].join(" "));
}

describe("rows", () => {
  test("each inserted, updated and deleted row of a statement is one event, in the order of the rows", async () => {
    expect(
      await captured(`
        insert into seat values (1, 1, 'Ann'), (1, 2, null);
        update seat set guest = 'Bob' where guest is null;
        delete from seat`),
    ).toEqual([
      'public.seat insert [1,1]  {"row_no":1,"seat_no":1,"guest":"Ann"}',
      'public.seat insert [1,2]  {"row_no":1,"seat_no":2,"guest":null}',
      'public.seat update [1,2] {"row_no":1,"seat_no":2,"guest":null} {"row_no":1,"seat_no":2,"guest":"Bob"}',
      'public.seat delete [1,1] {"row_no":1,"seat_no":1,"guest":"Ann"} ',
      'public.seat delete [1,2] {"row_no":1,"seat_no":2,"guest":"Bob"} ',
    ]);
  });

  test("a statement that shifts all keys pairs each row with itself", async () => {
    await captured("insert into parent select generate_series(1, 100)");
    const events = await captured(
      "truncate fraiseql.outbox; update parent set id = -id; update parent set id = 1 - id",
    );
    expect(events).toHaveLength(200);
    for (const event of events) {
      const [, before, after] = /^public\.parent update \[.+\] \{"id":(-?\d+)\} \{"id":(-?\d+)\}$/.exec(event) ?? [];
      expect([-Number(before), 1 - Number(before)]).toContain(Number(after));
    }
  });

  test("an update that changes nothing is no event", async () => {
    expect(
      await captured(
        "insert into film (id, title, doc) values (1, 'Alien', '[1]'); truncate fraiseql.outbox; update film set title = title",
      ),
    ).toEqual([]);
  });

  test("a table without a key gives events with an empty one, and no virtual columns", async () => {
    expect(await captured("insert into line (word) values ('a'); update line set word = 'bb'")).toEqual([
      'public.line insert []  {"word":"a"}',
      'public.line update [] {"word":"a"} {"word":"bb"}',
    ]);
  });

  test("upsert, merge and copy are seen", async () => {
    expect(
      await captured(`
        insert into parent values (1), (2);
        insert into parent values (2), (3) on conflict (id) do update set id = 20;
        merge into parent using (values (1), (9)) as given (id) on parent.id = given.id
          when matched then delete when not matched then insert values (given.id)`),
    ).toEqual([
      'public.parent insert [1]  {"id":1}',
      'public.parent insert [2]  {"id":2}',
      'public.parent update [20] {"id":2} {"id":20}',
      'public.parent insert [3]  {"id":3}',
      'public.parent delete [1] {"id":1} ',
      'public.parent insert [9]  {"id":9}',
    ]);
    // Workers' connections have no COPY.
    const other = postgres(db.url, { max: 1 });
    const copy = await other`copy parent from stdin`.writable();
    await new Promise<void>((done, failed) => {
      copy.on("finish", done).on("error", failed);
      copy.end("50\n51\n");
    });
    await other.end();
    expect((await captured("select 1")).slice(-2)).toEqual([
      'public.parent insert [50]  {"id":50}',
      'public.parent insert [51]  {"id":51}',
    ]);
  });

  test("what a foreign key cascades to is seen, many rows at once too", async () => {
    await captured("insert into parent values (1), (2); insert into child values (1, 1), (2, 1), (3, 2)");
    const events = await captured("truncate fraiseql.outbox; update parent set id = id + 10; delete from parent");
    expect(events.filter((event) => event.startsWith("public.child update")).toSorted()).toEqual([
      'public.child update [1] {"id":1,"parent_id":1} {"id":1,"parent_id":11}',
      'public.child update [2] {"id":2,"parent_id":1} {"id":2,"parent_id":11}',
      'public.child update [3] {"id":3,"parent_id":2} {"id":3,"parent_id":12}',
    ]);
    expect(events.filter((event) => event.startsWith("public.child delete"))).toHaveLength(3);
  });

  test("names that need quotes and columns named as anything are taken as they are", async () => {
    expect(await captured(`insert into "Odd ""name" values (1, 'x', 'y')`)).toEqual([
      'public.Odd "name insert [1]  {"the key":1,"r":"x","fraiseql_row":"y"}',
    ]);
  });

  test("values look the same whatever the session's settings are", async () => {
    const [event] = await captured(`
      set timezone = 'Asia/Tokyo'; set datestyle = 'German'; set extra_float_digits = -5;
      insert into film (id, tags, released, price) values (1, '{a,"b c"}', '2020-01-01T00:00:00Z', 9.50);
      reset timezone; reset datestyle; reset extra_float_digits`);
    expect(event).toBe(
      'public.film insert [1]  {"id":1,"title":null,"tags":["a","b c"],"released":"2020-01-01T00:00:00+00:00","price":9.50,"doc":null}',
    );
  });
});

describe("settings of the session that writes show in no event", () => {
  const written = `
    insert into visit values (1, '[2020-02-01,2020-02-03)', '{[2020-02-01,2020-02-03)}', '[2020-02-01T00:00:00Z,2020-02-01T12:00:00Z)',
      '1 day 02:00:00', 9.5, 'pg_catalog.pg_class', 0.1, 'a')`;
  const rendered =
    '{"id":1,"day":"[2020-02-01,2020-02-03)","days":"{[2020-02-01,2020-02-03)}","at":"[\\"2020-02-01 00:00:00+00\\",\\"2020-02-01 12:00:00+00\\")",' +
    '"lasted":"P1DT2H","paid":"$9.50","seen":"pg_class","share":0.1,"raw":"\\\\x61"}';

  test.each([
    "datestyle = 'SQL, DMY'",
    "datestyle = 'German'",
    "datestyle = 'Postgres, DMY'",
    "timezone = 'Asia/Tokyo'",
    "intervalstyle = 'postgres_verbose'",
    "extra_float_digits = -15",
    "bytea_output = 'escape'",
    "quote_all_identifiers = on",
    "search_path = public, fraiseql",
  ])("%s", async (setting) => {
    const events = await captured(`set ${setting}; ${written}; reset ${setting.split(" ")[0]}`);
    expect(events).toEqual([`public.visit insert [1]  ${rendered}`]);
  });
});

describe("tables of several parts", () => {
  test("a row is of the whole table, through whichever part it is written, and may move", async () => {
    expect(
      await captured(`
        insert into booking values (1, 1, 'Ann'), (2, 2, 'Bob');
        insert into booking_2 (id, month, guest) values (3, 2, 'Cyd');
        update booking set month = 2 where id = 1`),
    ).toEqual([
      'public.booking insert [1,1]  {"id":1,"month":1,"guest":"Ann"}',
      'public.booking insert [2,2]  {"id":2,"month":2,"guest":"Bob"}',
      'public.booking insert [3,2]  {"guest":"Cyd","month":2,"id":3}',
      'public.booking update [1,2] {"id":1,"month":1,"guest":"Ann"} {"id":1,"month":2,"guest":"Ann"}',
    ]);
  });

  test("a truncate names each part that it emptied", async () => {
    expect(await captured("truncate booking_1; truncate booking")).toEqual([
      "public.booking_1 truncate []  ",
      "public.booking truncate []  ",
      "public.booking_1 truncate []  ",
      "public.booking_2 truncate []  ",
    ]);
  });
});

describe("what an event shows", () => {
  test("only the listed columns, and an update of others is no event", async () => {
    expect(
      await captured(`
        insert into invoice values (1, null, 10, '4111');
        update invoice set card_number = '4222';
        update invoice set total = 11`),
    ).toEqual([
      'public.invoice insert [1]  {"id":1,"total":10}',
      'public.invoice update [1] {"id":1,"total":10} {"id":1,"total":11}',
    ]);
  });

  test("the org is the row's own, else the session's; actor, trace and cause are the session's", async () => {
    const org = "8f4e7c3a-0b1d-4e5f-9a6b-7c8d9e0f1a2b";
    await sql
      .unsafe(`
      begin; select set_config('fraiseql.org', 'acme', true), set_config('fraiseql.actor', 'ann', true),
        set_config('fraiseql.traceparent', '00-1-2-01', true), set_config('fraiseql.cause', 'e:1', true);
      insert into invoice values (1, '${org}', 1), (2, null, 1); insert into parent values (1); commit;
      insert into parent values (2)`)
      .simple();
    const rows = await sql`select org, actor, traceparent, cause from fraiseql.outbox order by position`;
    const context = { actor: "ann", traceparent: "00-1-2-01", cause: "e:1" };
    expect([...rows]).toEqual([
      { org, ...context },
      { org: "acme", ...context },
      { org: "acme", ...context },
      { org: null, actor: null, traceparent: null, cause: null },
    ]);
  });

  test("a role that may write the table and nothing else is captured too", async () => {
    const role = `writer_${crypto.randomUUID().slice(0, 8)}`;
    await runSql(await testServer(), `create role ${role}`);
    try {
      expect(
        await captured(
          `grant insert on parent to ${role}; set role ${role}; insert into parent values (7); reset role`,
        ),
      ).toEqual(['public.parent insert [7]  {"id":7}']);
    } finally {
      await sql.unsafe(`drop owned by ${role}; drop role ${role}`).simple();
    }
  });

  test("sessions that switch ordinary triggers off are captured", async () => {
    expect(
      await captured(
        "set session_replication_role = replica; insert into parent values (8); reset session_replication_role",
      ),
    ).toHaveLength(1);
  });

  test("a restore is captured; one that switches all triggers off is not, and leaves the table to be seen to", async () => {
    const restored = (lines: string, around: (copy: string) => string = (copy) => copy) =>
      runSql(
        db.url,
        // As pg_dump --data-only begins.
        `set row_security = off; select pg_catalog.set_config('search_path', '', false);
         ${around(`create temp table given (id int); insert into given select unnest(array[${lines}]); insert into public.parent select id from given`)}`,
      );
    await restored("1, 2");
    expect(await captured("select 1")).toEqual([
      'public.parent insert [1]  {"id":1}',
      'public.parent insert [2]  {"id":2}',
    ]);
    // What pg_restore --disable-triggers says around the rows.
    await restored(
      "3",
      (rows) => `alter table public.parent disable trigger all; ${rows}; alter table public.parent enable trigger all`,
    );
    expect(await captured("select 1")).toHaveLength(2);
    const stateOfParent = async () =>
      (await captureStates(sql, OBSERVED)).find((each) => each.table === "public.parent")?.state;
    expect(await stateOfParent()).toBe("missing");
    await captureTables(sql, realWait, OBSERVED);
    expect(await stateOfParent()).toBe("captured");
    expect(await captured("insert into parent values (4)")).toHaveLength(3);
  });

  test("what is rolled back leaves no event", async () => {
    expect(await captured("begin; insert into parent values (9); rollback")).toEqual([]);
  });

  test("a column that is added later is shown without a new migration", async () => {
    expect(
      await captured(
        "insert into line values ('a'); alter table parent add column note text; insert into parent values (1, 'n')",
      ),
    ).toContain('public.parent insert [1]  {"id":1,"note":"n"}');
  });
});
