/** Functions whose arguments or results have a form of their own: variadic ones, OUT arguments, tables of one column. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Served, serve } from "./served.ts";

const SETUP = `
  CREATE TYPE mood AS ENUM ('calm', 'very wild');
  CREATE TABLE river (id integer PRIMARY KEY, name text NOT NULL, mood mood);
  INSERT INTO river VALUES (1, 'Inn', 'calm'), (2, 'Rhine', 'very wild'), (3, 'Aare', NULL);
  CREATE FUNCTION fn_rivers_of(lowest integer, VARIADIC moods mood[]) RETURNS SETOF river STABLE LANGUAGE sql AS $$
    SELECT * FROM river WHERE id >= lowest AND mood = ANY (moods) ORDER BY name DESC
  $$;
  CREATE FUNCTION fn_greatest(VARIADIC integer[]) RETURNS integer IMMUTABLE LANGUAGE sql AS $$ SELECT max(n) FROM unnest($1) n $$;
  CREATE FUNCTION fn_joined(separator text DEFAULT '-', VARIADIC words text[] DEFAULT '{}') RETURNS text IMMUTABLE LANGUAGE sql
    AS $$ SELECT array_to_string(words, separator, 'null') $$;
  CREATE FUNCTION fn_bounds(OUT lowest integer, OUT highest integer, OUT first_name text) STABLE LANGUAGE sql
    AS $$ SELECT min(id), max(id), min(name) FROM river $$;
  CREATE FUNCTION fn_doubled(INOUT n integer, OUT twice integer) RETURNS SETOF record IMMUTABLE LANGUAGE sql
    AS $$ SELECT n, n * 2 UNION ALL SELECT n + 1, NULL UNION ALL SELECT NULL, NULL $$;
  CREATE FUNCTION fn_half(whole integer, OUT half numeric) IMMUTABLE LANGUAGE sql AS $$ SELECT whole / 2.0 $$;
  CREATE FUNCTION fn_names() RETURNS TABLE (name text) STABLE LANGUAGE sql AS $$ SELECT name FROM river UNION ALL SELECT NULL ORDER BY 1 $$;
  CREATE FUNCTION fn_flood(id integer, VARIADIC names text[]) RETURNS jsonb VOLATILE LANGUAGE sql AS $$
    INSERT INTO river VALUES (id, array_to_string(names, ' ')) RETURNING jsonb_build_object('status', 'success', 'message', river.name)
  $$;
`;

let api: Served;
beforeAll(async () => {
  api = await serve("function_arguments", SETUP);
});
afterAll(() => api.close());

test("a variadic argument takes a list, by name and by position, and all arguments are given", async () => {
  const query = `query ($moods: [Mood]!) {
    riversOf(lowest: 1, moods: $moods) { name }
    riversOfAggregate(lowest: 2, moods: [calm, very_wild]) { count }
    none: riversOf(lowest: 0, moods: []) { name }
    greatest(arg1: [3, 9, 4])
    joined(separator: "-", words: ["a", null, "it's"])
    other: joined(separator: "+", words: ["a", "b"])
    nothing: joined(separator: "-", words: [])
  }`;
  expect(await api.data(query, { moods: ["very_wild", "calm"] })).toEqual({
    riversOf: [{ name: "Rhine" }, { name: "Inn" }],
    riversOfAggregate: { count: 1 },
    none: [],
    greatest: 9,
    joined: "a-null-it's",
    other: "a+b",
    nothing: "",
  });
  expect(await api.code("{ riversOf(lowest: 1) { name } }")).toBe("VALIDATION_ERROR");
  // PostgreSQL finds no variadic function without all of its arguments, be there defaults.
  for (const query of ['{ joined(separator: "+") }', "{ joined(words: []) }"])
    expect(await api.code(query)).toBe("VALIDATION_ERROR");
});

test("a variadic function is a mutation where it gives an outcome", async () => {
  const query = 'mutation { flood(id: 4, names: ["Blue", "Nile"]) { succeeded message } }';
  expect(await api.data(query)).toEqual({ flood: { succeeded: true, message: "Blue Nile" } });
});

test("OUT arguments are the fields of a row, and a single one is a value", async () => {
  const query = `{
    bounds { lowest highest firstName }
    doubled(n: 3) { n twice }
    doubledAggregate(n: 3) { count sum { twice } }
    half(whole: 5)
  }`;
  expect(await api.data(query)).toMatchObject({
    bounds: { lowest: 1 },
    doubled: [
      { n: 3, twice: 6 },
      { n: 4, twice: null },
      { n: null, twice: null },
    ],
    doubledAggregate: { count: 3, sum: { twice: "6" } },
    half: "2.5000000000000000",
  });
});

test("a table of one column is a list of rows with that column", async () => {
  const query = `{
    names(where: { name: { like: "%n%" } }, orderBy: [{ name: DESC }]) { name }
    all: names(offset: 2) { name }
    namesGroups(groupBy: { name: true }, having: { count: { gt: 0 } }, limit: 1) { key { name } count }
  }`;
  expect(await api.data(query)).toMatchObject({
    names: [{ name: "Rhine" }, { name: "Inn" }],
    all: expect.arrayContaining([{ name: null }]),
    namesGroups: [{ key: { name: "Aare" }, count: 1 }],
  });
});
