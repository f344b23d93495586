import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { createOperations, type Operations } from "../../src/core/operations.ts";
import type { Statement } from "../../src/core/sql/statement.ts";
import { TEMPLATES, type Template, type Written } from "./documents.ts";
import { alias, hostileNames, hostileText, isText } from "./hostile-text.ts";
import { databaseNames, LIBRARY, type Renaming, renamed } from "./library.ts";
import { shapeOf, type Token, tokensOf } from "./sql-tokens.ts";

/** The mark of an order in its cursors; it is made from names of the database. */
const CURSOR_HEAD = /\["([0-9a-z]{1,7})",/;
const RUNS = Number(process.env["FRAISEQL_RUNS"] ?? 300);
const library = createOperations(LIBRARY);

function statementOf(operations: Operations, { query, variables }: Written): Statement {
  const prepared = operations.prepare({ query, variables });
  if (prepared.kind !== "statement") throw new Error("no statement");
  return prepared.statement;
}

/** What a token says, with the marks of cursors left out. */
const textOf = ({ kind, value }: Token): string => (kind === "string" ? value.replace(CURSOR_HEAD, '["",') : value);

const harmlessText = (place: number): string => `harmless${place}`;
const harmlessAlias = (place: number): string => `alias${place}`;
const harmless = (template: Template): Written => template(harmlessText, harmlessAlias);

describe("a statement keeps its shape", () => {
  const names = databaseNames(LIBRARY);

  test("whatever the names in the database are; each is quoted whole, and nothing else changes", () => {
    const before = TEMPLATES.map((template) => statementOf(library, harmless(template)));
    fc.assert(
      fc.property(hostileNames(names.length), (hostile) => {
        const renaming: Renaming = new Map(names.map((name, index) => [name, hostile[index] as string]));
        const operations = createOperations(renamed(LIBRARY, renaming));
        const expected = (token: Token): string =>
          token.kind === "identifier" || token.kind === "string"
            ? (renaming.get(token.value) ?? textOf(token))
            : token.value;
        TEMPLATES.forEach((template, index) => {
          const known = tokensOf((before[index] as Statement).text);
          const tokens = tokensOf(statementOf(operations, harmless(template)).text);
          expect(shapeOf(tokens)).toBe(shapeOf(known));
          expect(tokens.map(textOf)).toEqual(known.map(expected));
        });
      }),
      { numRuns: Math.ceil(RUNS / 5) },
    );
  }, 60_000);

  test("and every name of the database in it is an identifier or a literal, never a word", () => {
    const words = new Set<string>();
    const quoted = new Set<string>();
    for (const template of TEMPLATES) {
      for (const { kind, value } of tokensOf(statementOf(library, harmless(template)).text)) {
        (kind === "identifier" || kind === "string" ? quoted : words).add(value);
      }
    }
    expect(names.filter((name) => words.has(name))).toEqual([]);
    // The library is worth something only while the documents reach all of it, but for types nothing is cast to.
    expect(names.filter((name) => !quoted.has(name))).toEqual(["the_title", "the_place", "the_window"]);
  });

  test("whatever the values are: the text is the same to the letter, and the value is bound", () => {
    // Equal values of one document share a parameter.
    const distinctTexts = fc.uniqueArray(hostileText, { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(fc.constantFrom(...TEMPLATES), distinctTexts, (template, texts) => {
        const known = statementOf(library, harmless(template)).text;
        const text = (place: number): string => texts[place] as string;
        const written = template(text, harmlessAlias);
        // Half of a surrogate pair is no text of JSON; it is refused where it is part of a JSON value.
        const statement = prepareOrRefuse(written);
        if (statement === undefined) return;
        expect(statement.text).toBe(known);
        for (const value of texts) if (!known.includes(value)) expect(statement.text.includes(value)).toBe(false);
      }),
      { numRuns: RUNS },
    );
  }, 60_000);

  test("whatever the aliases and the names of variables and operations are: they stand in literals only", () => {
    const distinct = fc.uniqueArray(alias, { minLength: 4, maxLength: 4, selector: (name) => name });
    fc.assert(
      fc.property(fc.constantFrom(...TEMPLATES), distinct, (template, aliases) => {
        const known = tokensOf(statementOf(library, harmless(template)).text);
        const tokens = tokensOf(
          statementOf(
            library,
            template(harmlessText, (place) => aliases[place] as string),
          ).text,
        );
        expect(shapeOf(tokens)).toBe(shapeOf(known));
        const unquoted = (list: readonly Token[]): readonly Token[] => list.filter(({ kind }) => kind !== "string");
        expect(unquoted(tokens)).toEqual(unquoted(known));
      }),
      { numRuns: RUNS },
    );
  }, 60_000);

  test("and the only numbers in it are limits, offsets and positions", () => {
    const numbers = TEMPLATES.flatMap((template) =>
      tokensOf(statementOf(library, harmless(template)).text).flatMap(({ kind, value }) =>
        kind === "number" ? [Number(value)] : [],
      ),
    );
    // 7, 3, 4 and 5 are the documents' own; 10000 and 10001 are the page limit, 0 and 1 constants of the renderer.
    expect([...new Set(numbers)].toSorted((a, b) => a - b)).toEqual([0, 1, 3, 4, 5, 7, 10_000, 10_001]);
  });
});

function prepareOrRefuse(written: Written): Statement | undefined {
  try {
    return statementOf(library, written);
  } catch (error) {
    if (String(error).includes("surrogate")) return undefined;
    throw error;
  }
}

test("order values of a cursor are bound, whatever they are", () => {
  const query = (after: string): string =>
    `query($after: String) { booksConnection(orderBy: [{ bookTitle: ASC }], first: 2${after}) { edges { cursor } } }`;
  const bare = statementOf(library, { query: query("").replace("($after: String)", ""), variables: {} }).text;
  const head = CURSOR_HEAD.exec(bare)?.[1] as string;
  const withCursor = (title: string): Statement => {
    const after = Buffer.from(JSON.stringify([head, title, "1"]), "utf8").toString("base64url");
    return statementOf(library, { query: query(", after: $after"), variables: { after } });
  };
  const known = withCursor("harmless").text;
  fc.assert(
    fc.property(hostileText, (title) => {
      // Half of a surrogate pair does not survive UTF-8, so it cannot be in a token.
      fc.pre(isText(title));
      const statement = withCursor(title);
      expect(statement.text).toBe(known);
      expect(statement.values).toContain(title);
    }),
    { numRuns: RUNS },
  );
});
