import { describe, expect, test } from "bun:test";
import { FraiseqlError } from "../../src/core/errors.ts";
import { createOperations } from "../../src/core/operations.ts";
import type { Statement } from "../../src/core/sql/statement.ts";
import type { Answer } from "../../src/flows/answers/answer.ts";
import { answerQuery } from "../../src/flows/answers/answer-query.ts";
import type { Database } from "../../src/ports/database.ts";
import { shelf } from "../core/operations/shelf.ts";

type Recorded = {
  readonly database: Database;
  readonly statements: Statement[];
  readonly signals: (AbortSignal | undefined)[];
};

/** A database that notes what reaches it and answers, or fails, as told. */
function recording(answer: () => Promise<string | Uint8Array>): Recorded {
  const statements: Statement[] = [];
  const signals: (AbortSignal | undefined)[] = [];
  const text: Database["text"] = (statement, options) => {
    statements.push(statement);
    signals.push(options?.signal);
    return answer();
  };
  return {
    statements,
    signals,
    database: { text, rows: () => Promise.reject(new Error("not on this path")), close: async () => undefined },
  };
}

const operations = createOperations(shelf(), {
  limits: { depthMax: 3, aliasesMax: 2, rootFieldsMax: 2, tokensMax: 60, pageRowsMax: 10, inputNodesMax: 10 },
});
const BODY = '{"data":{"books":[]}}';

async function ask(
  query: string,
  variables: Readonly<Record<string, unknown>> = {},
): Promise<Answer & { readonly statements: number }> {
  const { database, statements } = recording(() => Promise.resolve(BODY));
  return { ...(await answerQuery({ operations, database }, { query, variables })), statements: statements.length };
}

describe("one request is at most one statement", () => {
  test("an operation of several root fields and depths is one statement, and its text is the body untouched", async () => {
    const bytes = new TextEncoder().encode(BODY);
    const { database, statements } = recording(() => Promise.resolve(bytes));
    const answer = await answerQuery(
      { operations, database },
      { query: "{ books { author { name } } authors { name books { title } } }" },
    );
    expect(statements).toHaveLength(1);
    expect(answer).toEqual({ body: bytes, status: 200, failed: false });
    expect(answer.body).toBe(bytes);
  });

  test("introspection and __typename need none", async () => {
    expect(await ask("{ __typename }")).toEqual({
      body: '{"data":{"__typename":"Query"}}',
      status: 200,
      failed: false,
      statements: 0,
    });
    expect((await ask('{ __type(name: "Book") { name } }')).body).toBe('{"data":{"__type":{"name":"Book"}}}');
  });

  test("an operation of which every field is skipped answers an empty object", async () => {
    expect(await ask("query ($no: Boolean!) { books @include(if: $no) { title } }", { no: false })).toMatchObject({
      body: '{"data":{}}',
      statements: 0,
    });
  });
});

describe("what is refused never reaches the database", () => {
  test.each([
    ["PARSE_ERROR", "{ books {", {}],
    ["VALIDATION_ERROR", "{ books { nope } }", {}],
    ["VALIDATION_ERROR", "mutation { burnBooks }", {}],
    ["OPERATION_NOT_FOUND", "query A { books { title } } query B { books { title } }", {}],
    ["BAD_USER_INPUT", "query ($i: Int!) { book(bookId: $i) { title } }", { i: "1" }],
    ["BAD_USER_INPUT", "query ($t: String) { books(where: { title: { eq: $t } }) { title } }", { t: "a\0b" }],
    ["BAD_USER_INPUT", "query ($t: String) { books(where: { title: { eq: $t } }) { title } }", { t: "\ud800" }],
    [
      "INPUT_LIMIT",
      "query ($t: [String!]) { books(where: { title: { in: $t } }) { title } }",
      { t: Array.from({ length: 20 }, String) },
    ],
    ["NULL_FILTER", "{ books(where: { title: { eq: null } }) { title } }", {}],
    ["BAD_CURSOR", '{ booksConnection(first: 1, after: "?") { nodes { title } } }', {}],
    ["DEPTH_LIMIT", "{ books { author { books { title } } } }", {}],
    ["ALIAS_LIMIT", "{ a: books { b: title c: price } }", {}],
    ["ROOT_FIELD_LIMIT", "{ books { title } authors { name } __typename }", {}],
    ["TOKEN_LIMIT", `{ books { ${"title ".repeat(60)} } }`, {}],
    ["PAGE_LIMIT", "{ books(limit: 11) { title } }", {}],
  ])("%s: %s", async (code, query, variables) => {
    const { body, status, failed, statements } = await ask(query, variables);
    const { errors, ...rest } = JSON.parse(String(body)) as {
      errors: { message: string; extensions: { code: string } }[];
    };
    expect({ codes: new Set(errors.map((error) => error.extensions.code)), status, failed, statements }).toEqual({
      codes: new Set([code]),
      status: 400,
      failed: true,
      statements: 0,
    });
    expect(rest).toEqual({});
  });
});

describe("a statement that fails is an answer too", () => {
  const failing = (error: Error): Promise<Answer> =>
    answerQuery(
      { operations, database: recording(() => Promise.reject(error)).database },
      { query: "{ books { title } }" },
    );

  test("a known failure keeps its code, its details and its status", async () => {
    const answer = await failing(
      new FraiseqlError("NOT_NULL_VIOLATED", "Book.title is declared non-null.", { details: { at: "Book.title" } }),
    );
    expect(answer).toMatchObject({ status: 500, failed: true });
    expect(JSON.parse(String(answer.body))).toEqual({
      errors: [
        { message: "Book.title is declared non-null.", extensions: { at: "Book.title", code: "NOT_NULL_VIOLATED" } },
      ],
    });
    expect(answer.retryAfterSeconds).toBeUndefined();
  });

  test("a database that is away asks for another try", async () => {
    expect(await failing(new FraiseqlError("DATABASE_UNAVAILABLE", "away"))).toMatchObject({
      status: 503,
      failed: true,
      retryAfterSeconds: 1,
    });
  });

  test("an unknown failure tells nothing of itself", async () => {
    const answer = await failing(new Error('syntax error at "select secret"'));
    expect(answer).toMatchObject({ status: 500, failed: true });
    expect(JSON.parse(String(answer.body))).toEqual({
      errors: [{ message: "A fault in FraiseQL.", extensions: { code: "INTERNAL_ERROR" } }],
    });
  });
});

test("a null in a non-null field is read once more and answered with what is left, and the log gets the error", async () => {
  const shown = [
    () => Promise.reject(new FraiseqlError("NOT_NULL_VIOLATED", "Book.title is declared non-null.")),
    () => Promise.resolve('{"data":{"books":[{"title":null}]}}'),
  ];
  const { database, statements, signals } = recording(() => (shown.shift() ?? Promise.reject)());
  const { signal } = new AbortController();
  const answer = await answerQuery({ operations, database }, { query: "{ books { title } }" }, { signal });
  expect(answer).toMatchObject({ status: 200, failed: false, fault: { code: "NOT_NULL_VIOLATED" } });
  expect(JSON.parse(String(answer.body))).toMatchObject({ data: null, errors: [{ path: ["books", 0, "title"] }] });
  expect(statements).toHaveLength(2);
  expect(signals).toEqual([signal, signal]);
});

test("a row that was mended between the two statements leaves no error", async () => {
  const shown = [
    () => Promise.reject(new FraiseqlError("NOT_NULL_VIOLATED", "Book.title is declared non-null.")),
    () => Promise.resolve('{"data":{"books":[{"title":"\\"Emma\\""}]}}'),
  ];
  const { database } = recording(() => (shown.shift() ?? Promise.reject)());
  expect(await answerQuery({ operations, database }, { query: "{ books { title } }" })).toEqual({
    body: '{"data":{"books":[{"title":"Emma"}]}}',
    status: 200,
    failed: false,
  });
});

test("the signal of the request goes to the database", async () => {
  const { signal } = new AbortController();
  const { database, signals } = recording(() => Promise.resolve(BODY));
  await answerQuery({ operations, database }, { query: "{ books { title } }" }, { signal });
  expect(signals).toEqual([signal]);
});
