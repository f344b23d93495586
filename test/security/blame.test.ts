/** Whose fault a failure in PostgreSQL is: a client that did nothing wrong is not told to correct its values. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Served, serve } from "../engine/served.ts";
import { runSql } from "../support/postgres.ts";

let api: Served;
beforeAll(async () => {
  api = await serve(
    "blame",
    `CREATE TABLE reading (id int PRIMARY KEY, value float8, name text);
     INSERT INTO reading VALUES (1, 1e308, 'a'), (2, 1e308, 'b'), (3, 1, 'c');
     CREATE TABLE tv_entry (id int PRIMARY KEY, data jsonb NOT NULL);
     INSERT INTO tv_entry VALUES (1, '{"count": 1}'), (2, '{"count": 2}');
     CREATE FUNCTION twice(n int) RETURNS int STABLE LANGUAGE sql AS 'SELECT n * 2';
     CREATE FUNCTION readings_over(floor_value float8) RETURNS SETOF reading STABLE LANGUAGE sql AS
       'SELECT * FROM reading WHERE value >= floor_value * 10';`,
  );
  // Its documents were all in order when the schema was made of them.
  await runSql(api.url, `INSERT INTO tv_entry VALUES (3, '{"count": "three"}')`);
});
afterAll(() => api.close());

const facts = async (query: string, variables?: Record<string, unknown>) => {
  const { errors, status } = await api.answer(query, variables);
  const extensions = errors[0]?.extensions;
  return [extensions?.code, extensions?.["sqlstate"], status];
};

describe("the data's", () => {
  test.each<[string, string, Record<string, unknown>]>([
    ["a sum that overflows", "{ readingsAggregate { sum { value } } }", {}],
    [
      "a sum of filtered rows that overflows",
      "query ($w: ReadingWhere) { readingsAggregate(where: $w) { avg { value } } }",
      { w: { id: { lt: 3 } } },
    ],
    [
      "sums of groups that overflow",
      "{ readingsGroups(groupBy: { id: true }, having: { sum: { value: { gt: 1 } } }) { count } all: readingsAggregate(where: { id: { in: [1, 2] } }) { sum { value } } }",
      {},
    ],
  ])("%s", async (_, query, variables) => {
    expect(await facts(query, variables)).toEqual(["DATABASE_ERROR", "22003", 500]);
  });

  test.each([
    ["a document that is not of its type", "{ entries { count } }"],
    ["one among filtered ones", "{ entries(where: { id: { eq: 3 } }) { count } }"],
  ])("%s", async (_, query) => {
    expect(await facts(query)).toEqual(["DATABASE_ERROR", "22P02", 500]);
  });
});

describe("the client's", () => {
  test.each<[string, string, string, Record<string, unknown>]>([
    ["a number that a function cannot double", "22003", "query ($n: Int!) { twice(n: $n) }", { n: 2_000_000_000 }],
    ["a float that a function cannot multiply", "22003", "{ readingsOver(floorValue: 1e308) { id } }", {}],
    ["a pattern that is none", "2201B", '{ readings(where: { name: { regex: "(" } }) { id } }', {}],
    ["a node id of another type", "22P02", `{ node(id: "${btoa('["Reading","x"]')}") { nodeId } }`, {}],
  ])("%s", async (_, sqlstate, query, variables) => {
    expect(await facts(query, variables)).toEqual(["BAD_USER_INPUT", sqlstate, 400]);
  });
});
