/** A comparison as a function of a change. */

import type { Entity } from "../entities.ts";
import type { RuleInput } from "../rule-input.ts";
import { compileValue, knownClass, type Read } from "./compile-value.ts";
import type { Comparison, Value } from "./condition.ts";
import { compareNumbers } from "./decimal.ts";
import { compareInstants } from "./instant.ts";
import { compareTexts, equalJson } from "./json-compare.ts";
import { type Reading, readingOf } from "./value-class.ts";

/** In the three-valued logic of SQL: null is neither true nor false. */
export type Truth = boolean | null;
export type CompiledCondition = (input: RuleInput) => Truth;

const SIGNS: { readonly [Operator in Comparison]: (sign: number) => boolean } = {
  eq: (sign) => sign === 0,
  neq: (sign) => sign !== 0,
  gt: (sign) => sign > 0,
  gte: (sign) => sign >= 0,
  lt: (sign) => sign < 0,
  lte: (sign) => sign <= 0,
};

/** @throws TypeError when the two cannot be compared */
export function compileComparison(operator: Comparison, left: Value, right: Value, entity: Entity): CompiledCondition {
  const [leftClass, rightClass] = [knownClass(left, entity), knownClass(right, entity)];
  const as = readingOf(leftClass, rightClass);
  if (as === undefined) throw new TypeError("the condition compares what cannot be compared");
  const pair = <As extends Reading>(reading: As) =>
    [compileValue(left, reading, entity, rightClass), compileValue(right, reading, entity, leftClass)] as const;
  const test = SIGNS[operator];
  switch (as) {
    case "number":
      return compared(...pair(as), (a, b) => test(compareNumbers(a, b)));
    case "text":
      if (operator === "eq") return compared(...pair(as), (a, b) => a === b);
      return compared(...pair(as), (a, b) => test(compareTexts(a, b)));
    case "time":
      return compared(...pair(as), (a, b) => test(compareInstants(a, b)));
    case "boolean":
      return compared(...pair(as), (a, b) => test(Number(a) - Number(b)));
    case "json":
      return compared(...pair(as), (a, b) => test(equalJson(a, b) ? 0 : 1));
  }
}

function compared<Value>(
  left: Read<Value>,
  right: Read<Value>,
  test: (a: Value, b: Value) => boolean,
): CompiledCondition {
  return (input) => {
    const a = left(input);
    if (a === null) return null;
    const b = right(input);
    return b === null ? null : test(a, b);
  };
}
