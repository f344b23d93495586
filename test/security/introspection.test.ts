/** What an API tells of its schema when it is not to tell. */
import { describe, expect, test } from "bun:test";
import { RequestFailed } from "../../src/core/errors.ts";
import { createOperations, type OperationRequest } from "../../src/core/operations.ts";
import { shelf } from "../core/operations/shelf.ts";

const closed = createOperations(shelf(), { introspection: false });
const messageOf = (request: OperationRequest): string => {
  try {
    closed.prepare(request);
  } catch (error) {
    if (error instanceof RequestFailed) return error.errors.map(({ message }) => message).join("\n");
    throw error;
  }
  return "";
};

describe("without introspection", () => {
  test.each([
    "{ __schema { types { name } } }",
    '{ __type(name: "Book") { name } }',
    "{ ...F } fragment F on Query { a: __schema { queryType { name } } }",
  ])("%s is refused", (query) => {
    expect(messageOf({ query })).toContain("introspection");
  });

  test("__typename is answered, for clients need it", () => {
    expect(messageOf({ query: "{ __typename books { __typename } }" })).toBe("");
  });

  test.each<[string, OperationRequest]>([
    ["a field", { query: "{ book { titl } }" }],
    ["a root field", { query: "{ boks { title } }" }],
    ["an argument", { query: "{ books(limt: 1) { title } }" }],
    ["a type", { query: "{ books { ... on Bok { title } } }" }],
    ["an input field", { query: '{ books(where: { titel: { eq: "a" } }) { title } }' }],
    ["an enum value", { query: "{ books(where: { genre: { eq: POME } }) { title } }" }],
    [
      "a key in a variable",
      { query: "query ($w: BookWhere) { books(where: $w) { title } }", variables: { w: { titel: { eq: "a" } } } },
    ],
    [
      "an enum value in a variable",
      { query: "query ($w: BookWhere) { books(where: $w) { title } }", variables: { w: { genre: { eq: "POME" } } } },
    ],
  ])("%s that is almost right is not corrected", (_, request) => {
    const message = messageOf(request);
    expect(message).not.toBe("");
    expect(message).not.toContain("Did you mean");
  });
});
