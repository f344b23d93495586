import { describe, expect, test } from "bun:test";
import { RequestFailed, type ResponseError } from "../../../src/core/errors.ts";
import type { Limits } from "../../../src/core/limits.ts";
import { createOperations, type OperationRequest } from "../../../src/core/operations.ts";
import { shelf } from "./shelf.ts";

function errorsOf(request: OperationRequest, limits: Partial<Limits> = {}): readonly ResponseError[] {
  try {
    createOperations(shelf(), { limits }).prepare(request);
  } catch (error) {
    if (error instanceof RequestFailed) return error.errors;
    throw error;
  }
  return [];
}

const codesOf = (query: string, variables?: OperationRequest["variables"]): readonly string[] =>
  errorsOf({ query, variables }).map(({ extensions }) => extensions.code);

describe("a document that is not valid is refused with a code and a place", () => {
  test("what is not GraphQL", () => {
    expect(errorsOf({ query: "{ books { title }" })).toEqual([
      {
        message: "Syntax Error: Expected Name, found <EOF>.",
        locations: [{ line: 1, column: 18 }],
        extensions: { code: "PARSE_ERROR" },
      },
    ]);
    expect(codesOf("")).toEqual(["PARSE_ERROR"]);
  });

  test("every error of a document is told at once, with suggestions", () => {
    const errors = errorsOf({ query: "{ books { titel } author { name } }" });
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(["VALIDATION_ERROR", "VALIDATION_ERROR"]);
    expect(errors[0]?.message).toContain('Did you mean "title"');
    expect(errors[1]?.message).toContain("authorId");
  });

  test.each([
    ["an unknown argument, which would be ignored and unfiltered rows answered", "{ books(wher: {}) { title } }"],
    ["an unknown filter field", "{ books(where: { titel: { eq: 1 } }) { title } }"],
    ["an unknown operator", '{ books(where: { price: { like: "1" } }) { title } }'],
    ["a value that is selected like an object", "{ books { title { x } } }"],
    ["an object without a selection", "{ books }"],
    ["a variable that is not declared", "{ books(limit: $l) { title } }"],
    ["a variable that is not used", "query ($l: Int) { books { title } }"],
    ["a variable of a wrong type", "query ($l: String) { books(limit: $l) { title } }"],
    ["a nullable variable where null cannot stand", "query ($i: Int) { book(bookId: $i) { title } }"],
    ["a literal of a wrong type", '{ books(limit: "5") { title } }'],
    ["a fragment that spreads itself", "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }"],
    ["a fragment on a type that cannot be here", "{ books { ... on Author { name } } }"],
    ["one response key for two different things", "{ books(limit: 1) { title } books(limit: 2) { title } }"],
    ["a directive that does not exist", "{ books @cached { title } }"],
    ["a directive without its argument", "{ books @skip { title } }"],
    ["a one-of input with two entries", "{ books(orderBy: [{ title: ASC, price: ASC }]) { title } }"],
    ["a one-of input with none", "{ books(orderBy: [{}]) { title } }"],
    ["a one-of input with null", "{ books(orderBy: [{ title: null }]) { title } }"],
    ["a mutation that the schema does not have", "mutation { burnBooks }"],
    ["a subscription, of which the schema has none", "subscription { __typename }"],
    ["types among the operations", "{ books { title } } type A { a: Int }"],
    [
      "introspection that goes in circles",
      "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }",
    ],
  ])("%s", (_, query) => {
    const codes = codesOf(query);
    expect(codes.length).toBeGreaterThan(0);
    expect(new Set(codes)).toEqual(new Set(["VALIDATION_ERROR"]));
  });
});

describe("a request that does not fit its document", () => {
  test("an operation that is not there, and one that is not named among several", () => {
    const query = "query A { books { title } } query B { authors { name } }";
    expect(errorsOf({ query, operationName: "C" })[0]?.message).toContain("it has: A, B");
    expect(errorsOf({ query })[0]?.extensions.code).toBe("OPERATION_NOT_FOUND");
    expect(errorsOf({ query, operationName: "B" })).toEqual([]);
    expect(errorsOf({ query: "fragment F on Query { books { title } }" })[0]?.extensions.code).not.toBeUndefined();
  });

  test("values of variables, each with its path", () => {
    const query = "query ($w: BookWhere, $l: Int!) { books(where: $w, limit: $l) { title } }";
    const errors = errorsOf({ query, variables: { w: { title: { eq: 5 }, price: { gtt: "1" } } } });
    expect(new Set(errors.map(({ extensions }) => extensions.code))).toEqual(new Set(["BAD_USER_INPUT"]));
    expect(errors.map(({ message }) => message).join("\n")).toContain('"w.title.eq"');
    expect(errors.map(({ message }) => message).join("\n")).toContain('"gtt"');
    expect(errors.map(({ message }) => message).join("\n")).toContain('"$l"');
  });

  test.each([
    [
      "a one-of variable with two entries",
      "query ($o: [BookOrderBy!]) { books(orderBy: $o) { title } }",
      { o: [{ title: "ASC", price: "ASC" }] },
    ],
    [
      "null for a variable with a default where null cannot stand",
      "query ($i: Int = 1) { book(bookId: $i) { title } }",
      { i: null },
    ],
    [
      "null for the condition of a directive",
      "query ($b: Boolean = true) { books { title @skip(if: $b) } }",
      { b: null },
    ],
    [
      "an absent variable in a one-of input",
      "query ($d: OrderDirection) { books(orderBy: [{ title: $d }]) { title } }",
      {},
    ],
    ["null in a one-of input", "query ($d: OrderDirection) { books(orderBy: [{ title: $d }]) { title } }", { d: null }],
    ["a limit below zero", "query ($l: Int) { books(limit: $l) { title } }", { l: -1 }],
    ["an offset below zero", "{ books(offset: -1) { title } }", {}],
    ["first and last together", "{ booksConnection(first: 1, last: 1) { nodes { title } } }", {}],
    ["a group by nothing", "{ booksGroups(groupBy: { title: false }) { count } }", {}],
    ["a key that is not grouped by", "{ booksGroups(groupBy: { title: true }) { key { genre } } }", {}],
    ["an id that names no type", "query ($i: ID!) { node(id: $i) { nodeId } }", { i: "WyJOb25lIiwiMSJd" }],
    ["an id that is no token", "query ($i: ID!) { node(id: $i) { nodeId } }", { i: "%%%" }],
    ["an id with too few values", "query ($i: ID!) { node(id: $i) { nodeId } }", { i: "WyJCb29rIl0" }],
  ])("%s", (_, query, variables) => {
    expect(codesOf(query, variables)).toEqual(["BAD_USER_INPUT"]);
  });

  test.each([
    ["where", "{ books(where: null) { title } }"],
    ["where.title", "{ books(where: { title: null }) { title } }"],
    ["where.title.eq", "{ books(where: { title: { eq: null } }) { title } }"],
    ["where.not", "{ books(where: { not: null }) { title } }"],
    ["where.or", "{ books(where: { or: null }) { title } }"],
    ["where.author.name.in", "{ books(where: { author: { name: { in: null } } }) { title } }"],
    ["where.books.some", "{ authors(where: { books: { some: null } }) { name } }"],
    ["where.tags.length.gt", "{ books(where: { tags: { length: { gt: null } } }) { title } }"],
    ["having.count.gt", "{ booksGroups(groupBy: { title: true }, having: { count: { gt: null } }) { count } }"],
  ])("null at %s is refused with a hint at isNull", (path, query) => {
    const [error, ...rest] = errorsOf({ query });
    expect(rest).toEqual([]);
    expect(error?.extensions.code).toBe("NULL_FILTER");
    expect(error?.message).toStartWith(`${path} is null.`);
    expect(error?.message).toContain("isNull");
  });

  test.each([
    ["what is no token", "x"],
    ["a token of another list", "WyJvdGhlciIsIjEiXQ"],
    ["base64 of something else", "eyJhIjoxfQ"],
    ["nothing", ""],
  ])("a cursor that is %s", (_, cursor) => {
    expect(
      codesOf("query ($c: String) { booksConnection(first: 1, after: $c) { nodes { title } } }", { c: cursor }),
    ).toEqual(["BAD_CURSOR"]);
  });
});

describe("limits, each with its code and its value", () => {
  const limited = (
    query: string,
    limits: Partial<Limits>,
    variables?: OperationRequest["variables"],
  ): readonly unknown[] =>
    errorsOf({ query, variables }, limits).map(({ extensions }) => [extensions.code, extensions["limit"]]);

  test("depth, through fragments too, introspection not counted", () => {
    const deep = "{ books { author { books { title } } } }";
    expect(limited(deep, { depthMax: 4 })).toEqual([]);
    expect(limited(deep, { depthMax: 3 })).toEqual([["DEPTH_LIMIT", 3]]);
    expect(
      limited("{ books { ...A } } fragment A on Book { author { ... { books { title } } } }", { depthMax: 3 }),
    ).toEqual([["DEPTH_LIMIT", 3]]);
    expect(
      limited("{ __schema { types { fields { type { ofType { ofType { name } } } } } } }", { depthMax: 2 }),
    ).toEqual([]);
  });

  test("aliases, counted as often as a fragment spreads them", () => {
    expect(limited("{ a: books { b: title } }", { aliasesMax: 2 })).toEqual([]);
    expect(limited("{ a: books { b: title } }", { aliasesMax: 1 })).toEqual([["ALIAS_LIMIT", 1]]);
    const doubling = Array.from(
      { length: 30 },
      (_, index) => `fragment F${index} on Query { ...F${index + 1} ... { ...F${index + 1} } }`,
    ).join(" ");
    expect(limited(`{ ...F0 } ${doubling} fragment F30 on Query { a: __typename }`, { aliasesMax: 30 })).toEqual([
      ["ALIAS_LIMIT", 30],
    ]);
  });

  test("root fields", () => {
    expect(limited("{ a: __typename b: __typename }", { rootFieldsMax: 2 })).toEqual([]);
    expect(limited("{ a: __typename ...F } fragment F on Query { b: __typename }", { rootFieldsMax: 1 })).toEqual([
      ["ROOT_FIELD_LIMIT", 1],
    ]);
  });

  test("tokens, before anything else is looked at", () => {
    expect(limited("{ books { title } }", { tokensMax: 6 })).toEqual([]);
    expect(limited("{ books { title } }", { tokensMax: 5 })).toEqual([["TOKEN_LIMIT", 5]]);
    expect(limited(`{ ${"books { ".repeat(100_000)}`, {})).toEqual([["TOKEN_LIMIT", 4_000]]);
  });

  test("rows of a page, written or bound, in lists, nested lists and connections", () => {
    const limits = { pageRowsMax: 10 };
    expect(limited("{ books(limit: 10) { title } }", limits)).toEqual([]);
    expect(limited("{ books(limit: 11) { title } }", limits)).toEqual([["PAGE_LIMIT", 10]]);
    expect(limited("query ($l: Int) { authors(limit: 1) { books(limit: $l) { title } } }", limits, { l: 11 })).toEqual([
      ["PAGE_LIMIT", 10],
    ]);
    expect(limited("query ($l: Int) { booksConnection(first: $l) { nodes { title } } }", limits, { l: 11 })).toEqual([
      ["PAGE_LIMIT", 10],
    ]);
    expect(limited("{ booksConnection(last: 11) { nodes { title } } }", limits)).toEqual([["PAGE_LIMIT", 10]]);
    expect(limited("{ booksGroups(groupBy: { title: true }, limit: 11) { count } }", limits)).toEqual([
      ["PAGE_LIMIT", 10],
    ]);
  });

  test("values in the variables", () => {
    const query = "query ($t: [String!]) { books(where: { title: { in: $t } }) { title } }";
    expect(limited(query, { inputNodesMax: 5 }, { t: ["1", "2", "3"] })).toEqual([]);
    expect(limited(query, { inputNodesMax: 5 }, { t: ["1", "2", "3", "4", "5"] })).toEqual([["INPUT_LIMIT", 5]]);
  });

  test("a document full of one repeated field ends quickly", () => {
    const start = performance.now();
    expect(
      errorsOf({ query: `{ books { ${"title ".repeat(3_900)} } }` }, { fieldsMax: 4_000 }).map(
        ({ extensions }) => extensions.code,
      ),
    ).toEqual(["VALIDATION_ERROR"]);
    expect(performance.now() - start).toBeLessThan(2_000);
  });
});
