import { describe, expect, test } from "bun:test";
import { createOperations, type OperationRequest, type Prepared } from "../../../src/core/operations.ts";
import type { Statement } from "../../../src/core/sql/statement.ts";
import { shelf } from "./shelf.ts";

const operations = createOperations(shelf());

function statement(request: OperationRequest): Statement {
  const prepared: Prepared = operations.prepare(request);
  if (prepared.kind !== "statement") throw new Error("expected a statement");
  return prepared.statement;
}

describe("one statement for all values of the same shape", () => {
  const query =
    "query ($w: BookWhere, $o: [BookOrderBy!], $l: Int, $more: Boolean = false) { books(where: $w, orderBy: $o, limit: $l) { title price @include(if: $more) } }";
  const text = (variables: Readonly<Record<string, unknown>>): string => statement({ query, variables }).text;

  test("other values, other lengths of lists and other orders of keys give the same text", () => {
    const one = text({ w: { title: { in: ["a"] }, price: { gt: "1" } }, l: 1 });
    expect(text({ w: { price: { gt: "99.5" }, title: { in: ["b", "c'; drop table book; --"] } }, l: 50 })).toBe(one);
    expect(
      statement({ query, variables: { w: { title: { in: ['b"', "c\\"] }, price: { gt: "2" } }, l: 3 } }).values,
    ).toEqual(['{"b\\"","c\\\\"}', "2", "3"]);
  });

  test("another filter, another order, null instead of a value and another Boolean give another text", () => {
    const texts = [
      text({}),
      text({ w: { title: { eq: "a" } } }),
      text({ w: { title: { neq: "a" } } }),
      text({ w: { not: { title: { eq: "a" } } } }),
      text({ w: { author: { name: { eq: "a" } } } }),
      text({ w: { inStock: { eq: true } } }),
      text({ w: { price: { isNull: true } } }),
      text({ w: { price: { isNull: false } } }),
      text({ o: [{ title: "ASC" }] }),
      text({ o: [{ title: "DESC" }] }),
      text({ l: 1 }),
      text({ more: true }),
    ];
    expect(new Set(texts).size).toBe(texts.length);
  });

  test("what a variable leaves out is not filtered by, and a limit of null is none", () => {
    expect(text({ w: {} })).toBe(text({ w: { and: [] } }).replace(" where true", ""));
    expect(text({ l: null })).toBe(text({}));
  });
});

describe("values stand nowhere but in the parameters", () => {
  test("a literal and a variable of the same value make the same statement", () => {
    const literal = statement({ query: '{ books(where: { title: { eq: "x" } }) { title } }' });
    const variable = statement({
      query: "query ($t: String) { books(where: { title: { eq: $t } }) { title } }",
      variables: { t: "x" },
    });
    expect(literal).toEqual(variable);
    expect(literal.values).toEqual(["x"]);
  });

  test("a value that is used twice is sent once", () => {
    const { text, values } = statement({
      query:
        "query ($t: String!) { a: books(where: { title: { eq: $t } }) { title } b: books(where: { title: { neq: $t } }) { title } }",
      variables: { t: "x" },
    });
    expect(values).toEqual(["x"]);
    expect(text).not.toContain("$2");
  });

  test("the same value as two types is sent as two", () => {
    expect(
      statement({ query: '{ books(where: { title: { eq: "1" }, price: { eq: "1" } }) { title } }' }).values,
    ).toEqual(["1", "1"]);
  });

  test("a pattern is made where the value is bound", () => {
    const { values } = statement({
      query: "query ($t: String) { books(where: { title: { contains: $t, istartsWith: $t, like: $t } }) { title } }",
      variables: { t: "5%_\\" },
    });
    expect(values.toSorted()).toEqual(["%5\\%\\_\\\\%", "5\\%\\_\\\\%", "5%_\\"].toSorted());
  });

  test("enum values are bound by their labels", () => {
    expect(
      statement({
        query: "query ($g: [Genre!]) { books(where: { genre: { in: $g } }) { title } }",
        variables: { g: ["long_tale", "poem"] },
      }).values,
    ).toEqual(['{"long tale","poem"}']);
  });
});

describe("arguments and variables by the specification", () => {
  const values = (query: string, variables?: Readonly<Record<string, unknown>>): readonly (string | null)[] =>
    statement({ query, variables }).values;

  test("a default stands for an absent variable, and not for null", () => {
    const query = 'query ($t: String = "d", $l: Int = 7) { books(where: { title: { eq: $t } }, limit: $l) { title } }';
    expect(values(query)).toEqual(["d", "7"]);
    expect(values(query, { t: "x", l: null })).toEqual(["x"]);
    expect(() => operations.prepare({ query, variables: { t: null } })).toThrow("isNull");
  });

  test("one value stands for a list of one", () => {
    expect(
      values('{ books(where: { tags: { contains: "a" }, title: { in: "b" } }, orderBy: { title: ASC }) { title } }'),
    ).toEqual(['{"b"}', '{"a"}']);
    expect(values("query ($t: [String!]) { books(where: { title: { in: $t } }) { title } }", { t: "b" })).toEqual([
      '{"b"}',
    ]);
  });

  test("a list in the document may hold variables; one that is absent is null, which the list refuses", () => {
    const query = 'query ($a: String! = "x") { books(where: { title: { in: ["b", $a] } }) { title } }';
    expect(values(query, { a: "c" })).toEqual(['{"b","c"}']);
    expect(values(query)).toEqual(['{"b","x"}']);
    expect(() =>
      operations.prepare({
        query: 'query ($a: String = "x") { books(where: { title: { in: ["b", $a] } }) { title } }',
        variables: { a: null },
      }),
    ).toThrow("$a is null");
  });

  test("an absent variable inside of an input is an absent field", () => {
    const query = "query ($t: String, $g: Genre) { books(where: { title: { eq: $t }, genre: { eq: $g } }) { title } }";
    expect(values(query, { g: "poem" })).toEqual(["poem"]);
    expect(statement({ query }).text).not.toContain("where");
  });

  test("values in variables that the document does not name are ignored", () => {
    expect(
      values("query ($t: String) { books(where: { title: { eq: $t } }) { title } }", { t: "x", other: 1 }),
    ).toEqual(["x"]);
  });
});
