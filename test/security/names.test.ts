/** Names that mean something in JavaScript are names like any other. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Served, serve } from "../engine/served.ts";

let api: Served;
beforeAll(async () => {
  api = await serve(
    "names",
    `CREATE TABLE result (result_id int PRIMARY KEY, constructor text, value_of int, to_string text, has_own_property text, "__proto__" text);
     INSERT INTO result VALUES (1, 'Ferrari', 7, 'a', 'b', 'c'), (2, 'Lotus', 8, 'd', 'e', 'f');`,
  );
});
afterAll(() => api.close());

const ALL = "{ resultId constructor valueOf toString hasOwnProperty }";
const LOTUS = { resultId: 2, constructor: "Lotus", valueOf: 8, toString: "d", hasOwnProperty: "e" };

test("columns are filtered by variables that leave such names out", async () => {
  const query = `query ($w: ResultWhere) { results(where: $w) ${ALL} }`;
  expect(await api.data(query, { w: { resultId: { gt: 1 } } })).toEqual({ results: [LOTUS] });
  expect(await api.data(query, { w: { constructor: { eq: "Lotus" } } })).toEqual({ results: [LOTUS] });
  expect(await api.data(query, { w: {} })).toMatchObject({ results: [{ resultId: 1 }, LOTUS] });
});

test("an absent variable with such a name is absent", async () => {
  const query =
    "query ($constructor: Int, $toString: Int) { results(limit: $constructor, offset: $toString) { resultId } }";
  expect(await api.data(query)).toEqual({ results: [{ resultId: 1 }, { resultId: 2 }] });
  expect(await api.data(query, { constructor: 1, toString: 1 })).toEqual({ results: [{ resultId: 2 }] });
});

test("a variable cannot be the prototype of the others", async () => {
  const query =
    "query ($__proto__: ResultWhere, $resultId: Int) { results(where: $__proto__, limit: $resultId) { resultId } }";
  const variables = JSON.parse('{ "__proto__": { "resultId": { "eq": 1 } } }') as Record<string, unknown>;
  expect(await api.code(query, variables)).toBe("VALIDATION_ERROR");
  expect(({} as Record<string, unknown>)["resultId"]).toBeUndefined();
});

test("a key __proto__ in a variable is a key that does not exist", async () => {
  const query = "query ($w: ResultWhere) { results(where: $w) { resultId } }";
  const variables = JSON.parse('{ "w": { "__proto__": { "resultId": { "eq": 1 } } } }') as Record<string, unknown>;
  expect(await api.code(query, variables)).toBe("BAD_USER_INPUT");
});

test("response keys with such names answer", async () => {
  expect(
    (await api.answer("{ __proto__: result(resultId: 2) { constructor: valueOf __proto__: toString } }")).text,
  ).toBe('{"data":{"__proto__":{"constructor":8,"__proto__":"d"}}}');
});
