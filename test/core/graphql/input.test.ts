import { describe, expect, test } from "bun:test";
import { buildSchema, coerceInputValue, type GraphQLInputType, parseValue } from "graphql";
import { type Input, inputShape, readInput, resolveBind } from "../../../src/core/graphql/input.ts";

const SCHEMA = buildSchema(`
  enum Color { RED BLUE }
  input Inner { n: Int, flag: Boolean, colors: [Color!], d: Int = 7 }
  input Outer { inner: Inner, all: [Inner!], texts: [String] }
  type Query { a: Int }
`);
const OUTER = SCHEMA.getType("Outer") as GraphQLInputType;

/** Every leaf of an input, by its path, with the value its bind finds in the variables. */
function leaves(
  input: Input | undefined,
  variables: Readonly<Record<string, unknown>>,
  path = "",
): Record<string, unknown> {
  if (!input || input.kind === "null") return { [path]: null };
  if (input.kind === "leaf") return { [path]: resolveBind(input.bind, variables) };
  const members =
    input.kind === "list" ? input.items.map((item, index) => [String(index), item] as const) : [...input.entries];
  return Object.assign({}, ...members.map(([name, item]) => leaves(item, variables, `${path}.${name}`)));
}

describe("inputs know where their values come from", () => {
  test("literals, variables and variables inside of literals give the same leaves", () => {
    const value = { inner: { n: 1, flag: true, colors: ["RED"], d: 7 }, all: [{ n: 2, d: 8 }], texts: ["x", null] };
    const expected = {
      ".inner.n": 1,
      ".inner.flag": true,
      ".inner.colors.0": "RED",
      ".inner.d": 7,
      ".all.0.n": 2,
      ".all.0.d": 8,
      ".texts.0": "x",
      ".texts.1": null,
    };
    const whole = readInput(
      OUTER,
      parseValue('{ inner: { n: 1, flag: true, colors: RED }, all: { n: 2, d: 8 }, texts: ["x", null] }'),
      {},
    );
    expect(leaves(whole, {})).toEqual(expected);
    const variables = { v: coerceInputValue(value, OUTER), n: 1, texts: ["x", null] };
    expect(leaves(readInput(OUTER, parseValue("$v"), variables), variables)).toEqual(expected);
    const mixed = readInput(
      OUTER,
      parseValue("{ inner: { n: $n, flag: true, colors: [RED] }, all: [{ n: 2, d: 8 }], texts: $texts }"),
      variables,
    );
    expect(leaves(mixed, variables)).toEqual(expected);
  });

  test("what is absent is absent, a default stands for it, null is null", () => {
    expect(leaves(readInput(OUTER, parseValue("{ inner: { n: $none, flag: null } }"), {}), {})).toEqual({
      ".inner.flag": null,
      ".inner.d": 7,
    });
    expect(readInput(OUTER, parseValue("$none"), {})).toBeUndefined();
    expect(readInput(OUTER, parseValue("$null"), { null: null })).toEqual({ kind: "null" });
  });

  test("a bind reads the value of the request at hand, not of the one it was planned with", () => {
    const input = readInput(OUTER, parseValue("{ inner: $inner }"), { inner: { n: 1, d: 7 } });
    expect(leaves(input, { inner: { n: 99, d: 100 } })).toEqual({ ".inner.n": 99, ".inner.d": 100 });
  });
});

describe("the shape of an input", () => {
  const shape = (value: unknown): string => inputShape(OUTER, coerceInputValue(value, OUTER));

  test("does not depend on values, lengths of lists of values or the order of keys", () => {
    expect(shape({ texts: ["a"], inner: { n: 1 } })).toBe(shape({ inner: { n: 2 }, texts: ["b", null, "c"] }));
  });

  test("depends on what is there, on null, on Booleans, on the number of inputs in a list and on whether one of values is empty", () => {
    const shapes = [
      {},
      { texts: [] },
      { texts: ["a"] },
      { inner: {} },
      { inner: { n: 1 } },
      { inner: { n: null } },
      { inner: { flag: true } },
      { inner: { flag: false } },
      { all: [] },
      { all: [{ n: 1 }] },
      { all: [{ n: 1 }, { n: 1 }] },
      { inner: null },
    ];
    expect(new Set(shapes.map(shape)).size).toBe(shapes.length);
  });
});
