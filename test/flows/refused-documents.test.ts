/** What is wrong with a request is found before PostgreSQL hears of it. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { openDatabase } from "../../src/adapters/postgres/database.ts";
import { introspect } from "../../src/adapters/postgres/introspect/introspect.ts";
import type { ResponseError } from "../../src/core/errors.ts";
import { createOperations, type Operations } from "../../src/core/operations.ts";
import { modelFromCatalog } from "../../src/core/schema/from-catalog/from-catalog.ts";
import { answerQuery } from "../../src/flows/answers/answer-query.ts";
import type { Database } from "../../src/ports/database.ts";
import { type TestDatabase, testDatabase } from "../support/postgres.ts";

const LIMITS = { depthMax: 3, aliasesMax: 2, rootFieldsMax: 2, tokensMax: 60, pageRowsMax: 5 };

let home: TestDatabase;
let database: Database;
let operations: Operations;
let statements = 0;
beforeAll(async () => {
  home = await testDatabase(
    "refused",
    `CREATE TABLE shelf (id int PRIMARY KEY);
     CREATE TABLE book (id int PRIMARY KEY, title text NOT NULL, shelf_id int NOT NULL REFERENCES shelf);
     INSERT INTO shelf VALUES (1);
     INSERT INTO book SELECT n, 'book ' || n, 1 FROM generate_series(1, 9) n;`,
  );
  const real = openDatabase({ url: home.url });
  operations = createOperations(modelFromCatalog(await introspect(real)).model, { limits: LIMITS });
  database = {
    ...real,
    text: (...call) => {
      statements += 1;
      return real.text(...call);
    },
  };
});
afterAll(async () => {
  await database.close();
  await home.drop();
});

async function ask(query: string, variables?: Record<string, unknown>) {
  statements = 0;
  const answer = await answerQuery({ operations, database }, { query, variables });
  const body = typeof answer.body === "string" ? answer.body : new TextDecoder().decode(answer.body);
  const { errors } = JSON.parse(body) as { errors?: ResponseError[] };
  return { code: errors?.[0]?.extensions.code, status: answer.status, statements };
}

test.each([
  ["{ book(id: 1) { title }", undefined, "PARSE_ERROR"],
  ["{ book(id: 1) { author } }", undefined, "VALIDATION_ERROR"],
  ['{ book(id: "one") { title } }', undefined, "VALIDATION_ERROR"],
  ["mutation { burnBooks }", undefined, "VALIDATION_ERROR"],
  ["subscription { __typename }", undefined, "VALIDATION_ERROR"],
  ["query A { __typename } query B { __typename }", undefined, "OPERATION_NOT_FOUND"],
  ["query ($id: Int!) { book(id: $id) { title } }", {}, "BAD_USER_INPUT"],
  ["query ($id: Int!) { book(id: $id) { title } }", { id: 2_147_483_648 }, "BAD_USER_INPUT"],
  ["query ($is: BookWhere) { books(where: $is) { title } }", { is: { title: null } }, "NULL_FILTER"],
  ['{ booksConnection(first: 1, after: "x") { nodes { title } } }', undefined, "BAD_CURSOR"],
  ["{ shelves { books { shelf { id } } } }", undefined, "DEPTH_LIMIT"],
  ["{ a: __typename b: __typename c: __typename }", undefined, "ALIAS_LIMIT"],
  ["{ book(id: 1) { id } books { id } shelves { id } }", undefined, "ROOT_FIELD_LIMIT"],
  [`{ book(id: 1) { ${"id ".repeat(60)} } }`, undefined, "TOKEN_LIMIT"],
  ["{ books(limit: 6) { id } }", undefined, "PAGE_LIMIT"],
])("%s with %p is refused as %s, without a statement", async (query, variables, code) => {
  expect(await ask(query, variables)).toEqual({ code: code as never, status: 400, statements: 0 });
});

test("only a list without a limit is found too long by its statement", async () => {
  expect(await ask("{ books { id } }")).toEqual({ code: "PAGE_LIMIT", status: 400, statements: 1 });
});

test("a sound operation is one statement", async () => {
  expect(await ask("{ shelves { id } books(limit: 2) { title } }")).toEqual({
    code: undefined,
    status: 200,
    statements: 1,
  });
});

test("introspection needs no statement", async () => {
  expect(await ask("{ __schema { queryType { name } } }")).toEqual({ code: undefined, status: 200, statements: 0 });
});
