import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { parse, validate } from "graphql";
import { RequestFailed } from "../../src/core/errors.ts";
import { createOperations, type OperationRequest } from "../../src/core/operations.ts";
import { answerQuery } from "../../src/flows/answers/answer-query.ts";
import type { Database } from "../../src/ports/database.ts";
import { TEMPLATES } from "./documents.ts";
import { hostileText } from "./hostile-text.ts";
import { LIBRARY } from "./library.ts";
import { tokensOf } from "./sql-tokens.ts";

const RUNS = Number(process.env["FRAISEQL_RUNS"] ?? 2_000);
const library = createOperations(LIBRARY);

/** Valid documents, as the start of mutations. */
const documents = TEMPLATES.map((template) =>
  template(
    (place) => `text${place}`,
    (place) => `alias${place}`,
  ),
);

/** Gives the statement's text, or undefined where the request was refused as it should be. */
function prepared(request: OperationRequest): string | undefined {
  try {
    const made = library.prepare(request);
    return made.kind === "statement" ? made.statement.text : undefined;
  } catch (error) {
    if (!(error instanceof RequestFailed)) throw error;
    expect(error.errors.length).toBeGreaterThan(0);
    for (const each of error.errors) {
      // The operation's name is the caller's own text, and only it is told again.
      const own = { ...each, message: each.message.replaceAll(request.operationName || "\0", "") };
      expect(JSON.stringify(own)).not.toMatch(/select |"public"|\$\d::/);
    }
    return undefined;
  }
}

const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 200 }),
  fc.string({ unit: "grapheme", maxLength: 200 }),
  hostileText,
);
const bytes = fc.uint8Array({ maxLength: 400 }).map((list) => new TextDecoder().decode(list));

const PUNCTUATION = [
  "{",
  "}",
  "(",
  ")",
  "[",
  "]",
  ":",
  "$",
  "!",
  "@",
  "...",
  '"',
  '"""',
  "|",
  "&",
  "=",
  "#",
  ",",
  "null",
  "true",
  "1e999",
  "-0",
  "99999999999",
  "on",
  "fragment",
  "query",
  "mutation",
  "__typename",
  "nodeId",
  "\uFEFF",
  "\0",
  "\ud800",
];

/** Cuts, doubles, swaps and inserts pieces of valid documents. */
const mutated = fc
  .tuple(
    fc.constantFrom(...documents),
    fc.array(fc.tuple(fc.nat(), fc.nat({ max: 30 }), fc.constantFrom(...PUNCTUATION), fc.nat({ max: 3 })), {
      minLength: 1,
      maxLength: 4,
    }),
  )
  .map(([{ query, variables }, edits]) => {
    const text = edits.reduce((current, [at, length, piece, kind]) => {
      const start = at % (current.length + 1);
      const cut = current.slice(start, start + length);
      const rest = current.slice(start + length);
      const middle = [piece, "", cut + cut, [...cut].toReversed().join("")][kind] ?? "";
      return current.slice(0, start) + middle + rest;
    }, query);
    return { query: text, variables };
  });

describe("whatever is sent as a document, it is answered or refused, and nothing else is thrown", () => {
  test("random text and random bytes", () => {
    fc.assert(
      fc.property(fc.oneof(anyText, bytes), (query) => {
        expect(prepared({ query })).toBeUndefined();
      }),
      { numRuns: RUNS },
    );
  });

  test("mutated documents", () => {
    fc.assert(
      fc.property(mutated, (request) => {
        const text = prepared(request);
        if (text !== undefined) tokensOf(text);
      }),
      { numRuns: RUNS },
    );
  }, 30_000);

  test("any JSON as variables, and any operation name", () => {
    const value = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<unknown>;
    const variables = fc.oneof(
      fc.dictionary(fc.constantFrom("alias0", "alias1_", "alias2__", "after", "id", "__proto__", "constructor"), value),
      value.map((each) => each as Record<string, unknown>),
    );
    const name = fc.option(fc.oneof(anyText, fc.constantFrom("alias3", "__proto__", "toString")), { nil: undefined });
    fc.assert(
      fc.property(fc.constantFrom(...documents), variables, name, ({ query }, given, operationName) => {
        const text = prepared({ query, variables: given, operationName });
        if (text !== undefined) tokensOf(text);
      }),
      { numRuns: RUNS },
    );
  }, 30_000);
});

test("a document that does not validate never reaches the database", async () => {
  let statements = 0;
  const database: Database = {
    text: async () => {
      statements += 1;
      return '{"data":{}}';
    },
    rows: () => Promise.reject(new Error("the query path asks for one text")),
    close: async () => {},
  };
  await fc.assert(
    fc.asyncProperty(mutated, async (request) => {
      const before = statements;
      const answer = await answerQuery({ operations: library, database }, request);
      const valid = isValid(request.query);
      if (!valid) expect(statements).toBe(before);
      expect(statements - before).toBeLessThanOrEqual(1);
      expect(answer.failed).toBe(statements === before && !String(answer.body).startsWith('{"data"'));
    }),
    { numRuns: RUNS },
  );
  expect(statements).toBeGreaterThan(0);
}, 30_000);

function isValid(query: string): boolean {
  try {
    return validate(library.schema, parse(query)).length === 0;
  } catch {
    return false;
  }
}
