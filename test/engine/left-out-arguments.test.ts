/** Arguments that schema.ts lets be left out, where the function itself has no default for them. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { openDatabase } from "../../src/adapters/postgres/database.ts";
import { introspect } from "../../src/adapters/postgres/introspect/introspect.ts";
import { database } from "../../src/core/schema/builder/builder.ts";
import { testDatabase } from "../support/postgres.ts";
import { type Served, serveDatabase } from "./served.ts";

const SETUP = `
  create table town (id int primary key, name text not null);
  insert into town values (1, 'Brig'), (2, 'Visp');
  create function fn_towns(name text, lowest int default 1) returns setof town stable language sql
    as $$ select * from town where id >= lowest and town.name = coalesce(fn_towns.name, town.name) order by id $$;
  create function fn_place(int, text) returns text immutable language sql
    as $$ select concat_ws(' ', coalesce($1::text, 'nowhere'), coalesce($2, 'nobody')) $$;
  create function fn_all(first text, variadic others text[]) returns text immutable language sql
    as $$ select coalesce(first, 'none') || coalesce(array_length(others, 1)::text, ' at all') $$;
  create function fn_found(id int, name text) returns jsonb language sql as $$
    insert into town values (id, coalesce(name, 'unnamed'));
    select jsonb_build_object('status', 'success', 'message', coalesce(name, 'no name')) $$;
`;

let api: Served;
beforeAll(async () => {
  const made = await testDatabase("left_out_arguments", SETUP);
  const opened = openDatabase({ url: made.url, connectionsMax: 1 });
  const db = database(await introspect(opened));
  await opened.close();
  const nullable = { nullable: true } as const;
  const { model } = db.schema(
    db.table("Town", { from: "town" }, (f) => ({ id: f.column("id"), name: f.column("name") })),
    db.query("towns", { call: "fn_towns", arguments: { name: { argument: "name", ...nullable }, lowest: "lowest" } }),
    db.query("place", {
      call: "fn_place",
      arguments: { number: { argument: 0, ...nullable }, who: { argument: 1, ...nullable } },
    }),
    db.query("all", {
      call: "fn_all",
      arguments: { first: { argument: "first", ...nullable }, others: { argument: "others", ...nullable } },
    }),
    db.mutation("found", { call: "fn_found", arguments: { id: "id", name: { argument: "name", ...nullable } } }),
  );
  api = await serveDatabase(made, { extend: () => model });
});
afterAll(() => api.close());

test("a query gives null for each, by name and by position, and a default stays the function's", async () => {
  expect(
    await api.data(`{
      every: towns { name }
      one: towns(name: "Visp") { name }
      later: towns(lowest: 2) { name }
      measured: townsAggregate { count }
      nowhere: place
      nobody: place(number: 7)
      somebody: place(who: "Ada")
      none: all
      named: all(first: "a")
    }`),
  ).toEqual({
    every: [{ name: "Brig" }, { name: "Visp" }],
    one: [{ name: "Visp" }],
    later: [{ name: "Visp" }],
    measured: { count: 2 },
    nowhere: "nowhere nobody",
    nobody: "7 nobody",
    somebody: "nowhere Ada",
    none: "none at all",
    named: "a at all",
  });
});

test("a variable that is absent is null too", async () => {
  const query = "query ($name: String) { towns(name: $name) { id } }";
  expect(await api.data(query, {})).toEqual({ towns: [{ id: 1 }, { id: 2 }] });
  expect(await api.data(query, { name: "Brig" })).toEqual({ towns: [{ id: 1 }] });
});

test("a mutation gives null in the same way", async () => {
  expect(await api.data("mutation { found(id: 3) { succeeded message } }")).toEqual({
    found: { succeeded: true, message: "no name" },
  });
  expect(await api.data("{ towns(lowest: 3) { name } }")).toEqual({ towns: [{ name: "unnamed" }] });
});
