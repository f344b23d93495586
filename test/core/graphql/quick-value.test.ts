import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { buildSchema, type GraphQLInputType, getVariableValues, type OperationDefinitionNode, parse } from "graphql";
import { quickValues } from "../../../src/core/graphql/quick-value.ts";
import { DEFAULT_LIMITS } from "../../../src/core/limits.ts";

const SCHEMA = buildSchema(`
  enum Color { RED BLUE }
  scalar Json
  input Row { n: Int!, text: String, colors: [Color!], d: Int = 7, row: Row, rows: [Row!], constructor: Float, any: Json }
  input Either @oneOf { a: Int, b: String }
  type Query { a(row: Row, rows: [Row!]!, either: Either, flag: Boolean!): Int }
`);
const OPERATION = parse("query ($row: Row, $rows: [Row!]!, $either: Either) { a }")
  .definitions[0] as OperationDefinitionNode;
const INPUTS = ["row", "rows", "either"].map((name) => ({ name, type: typeOf(name) }));
const LIMITS = { ...DEFAULT_LIMITS, inputNodesMax: 40, inputDepthMax: 6 };

function typeOf(argument: string): GraphQLInputType {
  const found = SCHEMA.getQueryType()
    ?.getFields()
    ["a"]?.args.find(({ name }) => name === argument);
  if (!found) throw new TypeError(`no argument ${argument}`);
  return found.type;
}

/** What graphql-js makes of them; undefined where it finds something wrong. */
function thorough(values: Readonly<Record<string, unknown>>) {
  // It would find what every object inherits, and take it for what was given.
  const bare = JSON.parse(JSON.stringify(values), (_, value: unknown) =>
    value !== null && typeof value === "object" && !Array.isArray(value)
      ? Object.assign(Object.create(null), value)
      : value,
  );
  return getVariableValues(SCHEMA, OPERATION.variableDefinitions ?? [], bare).coerced;
}

const quick = (values: Readonly<Record<string, unknown>>, limits = LIMITS) => quickValues(INPUTS, values, limits);

/** Mostly what fits, sometimes what does not. */
const mostly = (fits: fc.Arbitrary<unknown>, ...others: readonly unknown[]) =>
  fc.oneof({ weight: 30, arbitrary: fits }, { weight: 1, arbitrary: fc.constantFrom(...others) });
const { row: anyRow } = fc.letrec((tie) => ({
  row: fc.record(
    {
      n: mostly(fc.integer({ min: -5, max: 5 }), 1.5, null, "1", undefined),
      text: mostly(fc.option(fc.string()), 3, ["x"]),
      colors: mostly(fc.array(fc.constantFrom("RED", "BLUE"), { maxLength: 3 }), "RED", ["GREEN"], null),
      d: fc.option(fc.nat()),
      row: fc.option(tie("row"), { depthSize: "small", maxDepth: 3 }),
      rows: mostly(fc.array(tie("row"), { maxLength: 1 }), {}),
      any: mostly(fc.constantFrom(1, "x", null), { a: 1 }, [1]),
      unknown: mostly(fc.constant(undefined), 1),
    },
    { requiredKeys: ["n"] },
  ),
}));
const anyValues = fc.record({
  row: mostly(fc.option(anyRow), undefined),
  rows: mostly(fc.array(anyRow, { maxLength: 3 }), { n: 1 }, undefined),
  either: mostly(fc.constant(null), { a: 1 }, { a: 1, b: "x" }, {}),
});

describe("values of variables in one pass", () => {
  test("are what graphql-js makes of them, or are left to it", () => {
    let taken = 0;
    fc.assert(
      fc.property(anyValues, (values) => {
        const found = quick(values, DEFAULT_LIMITS);
        if (found === undefined) return;
        taken += 1;
        expect({ ...found }).toEqual({ ...thorough(values) });
      }),
      { numRuns: 3_000 },
    );
    expect(taken).toBeGreaterThan(100);
  });

  test("are taken where they fit, in the order of the type, with its defaults, and without what every object inherits", () => {
    const found = quick({
      row: { text: "x", n: 1 },
      rows: [{ n: 2, colors: ["RED"], row: { n: 3, d: null } }],
      either: null,
    });
    expect(JSON.stringify(found)).toBe(
      '{"row":{"n":1,"text":"x","d":7},"rows":[{"n":2,"colors":["RED"],"d":7,"row":{"n":3,"d":null}}],"either":null}',
    );
    expect(Object.keys(found?.["row"] as object)).not.toContain("constructor");
  });

  test("are left to graphql-js at the first value too many, and at the first level too deep", () => {
    const rows = (count: number) => ({
      row: null,
      rows: Array.from({ length: count }, () => ({ n: 1 })),
      either: null,
    });
    // Three variables, and two values for each row.
    expect(quick(rows(18))).toBeDefined();
    expect(quick(rows(19))).toBeUndefined();
    const deep = (levels: number): object => (levels === 1 ? { n: 1 } : { n: 1, row: deep(levels - 1) });
    expect(quick({ row: deep(6), rows: [], either: null })).toBeDefined();
    expect(quick({ row: deep(7), rows: [], either: null })).toBeUndefined();
  });
});
