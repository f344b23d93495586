/** A checked condition as a function of a change, in the three-valued logic of SQL: null is neither true nor false. */
import { readExactJson } from "../../events/exact-json.ts";
import type { JsonValue } from "../../events/json.ts";
import type { Entity } from "../entities.ts";
import { compileChanged } from "./compile-changed.ts";
import { type CompiledCondition, compileComparison, type Truth } from "./compile-comparison.ts";
import { compileRaw, compileValue, keyOf, knownClass, literalIn, type Read } from "./compile-value.ts";
import type { Condition, Literal, Part, Value } from "./condition.ts";
import type { Numeric } from "./decimal.ts";
import type { Instant } from "./instant.ts";
import { containsJson, equalJson, hasKey } from "./json-compare.ts";
import { likeMatcher } from "./like.ts";
import {
  classOfLiteral,
  isBlankPadded,
  type Reading,
  readingOf,
  type ValueClass,
  withoutPadding,
} from "./value-class.ts";

/** @throws TypeError for a condition that `checkCondition` would refuse */
export function compileCondition(condition: Condition, entity: Entity): CompiledCondition {
  switch (condition.kind) {
    case "and":
      return joined(condition.parts, entity, false);
    case "or":
      return joined(condition.parts, entity, true);
    case "not": {
      const part = compileCondition(condition.part, entity);
      return (input) => not(part(input));
    }
    case "compare":
      return compileComparison(condition.operator, condition.left, condition.right, entity);
    case "in":
      return compileIn(condition.value, condition.list, condition.negated, entity);
    case "null": {
      const read = compileIsNull(condition.value, entity);
      return condition.negated ? (input) => read(input) !== null : (input) => read(input) === null;
    }
    case "like":
      return tested(compileValue(condition.value, "text", entity), likeMatcher(condition.pattern, condition.caseless));
    case "contains":
      return compileContains(condition.value, condition.part, entity);
    case "has-key":
      return tested(compileValue(condition.value, "json", entity), (value) => hasKey(value, condition.key));
    default:
      return compileChanged(condition, entity);
  }
}

const not = (truth: Truth): Truth => (truth === null ? null : !truth);

/** @param decisive the truth of a part that decides for all: false for `and`, true for `or`. */
function joined(parts: readonly Condition[], entity: Entity, decisive: boolean): CompiledCondition {
  const compiled = parts.map((part) => compileCondition(part, entity));
  return (input) => {
    let result: Truth = !decisive;
    for (const part of compiled) {
      const truth = part(input);
      if (truth === decisive) return decisive;
      if (truth === null) result = null;
    }
    return result;
  };
}

function tested<Value>(read: Read<Value>, test: (value: Value) => boolean): CompiledCondition {
  return (input) => {
    const value = read(input);
    return value === null ? null : test(value);
  };
}

function compileIn(value: Value, list: readonly Literal[], negated: boolean, entity: Entity): CompiledCondition {
  const valueClass = knownClass(value, entity);
  const readings = new Map<Reading, Literal[]>();
  for (const literal of list) {
    const as = readingOf(valueClass, classOfLiteral(literal)) ?? "json";
    readings.set(as, [...(readings.get(as) ?? []), literal]);
  }
  const tests = [...readings].map(([as, literals]) => membership(value, as, literals, valueClass, entity));
  return (input) => {
    // A value of JSON that is of another kind than an item is null beside it, as in a comparison.
    let result: Truth = false;
    for (const test of tests) {
      const truth = test(input);
      if (truth === true) return !negated;
      if (truth === null) result = null;
    }
    return negated ? not(result) : result;
  };
}

function membership(
  value: Value,
  as: Reading,
  literals: readonly Literal[],
  valueClass: ValueClass,
  entity: Entity,
): CompiledCondition {
  const items = literals.map((literal) => literalIn(literal, as, entity, valueClass));
  if (as === "json")
    return tested(compileValue(value, as, entity), (json) => items.some((item) => equalJson(json, item as JsonValue)));
  const keys = new Set(items.map((item) => keyOf(item as Numeric | string | boolean | Instant)));
  return tested(compileValue(value, as, entity, valueClass), (item) =>
    keys.has(keyOf(item as Numeric | string | boolean | Instant)),
  );
}

/** Null where SQL finds null; a number that is computed may be null too. */
function compileIsNull(value: Value, entity: Entity): Read<unknown> {
  return value.kind === "negate" || value.kind === "arithmetic"
    ? compileValue(value, "number", entity)
    : compileRaw(value, entity);
}

function compileContains(value: Value, part: Part, entity: Entity): CompiledCondition {
  const valueClass = knownClass(value, entity);
  const literals = part.kind === "list" ? part.items : [part];
  switch (valueClass.is) {
    case "text":
    case "text-literal": {
      const [wanted] = literals;
      const text = wanted?.kind === "text" ? wanted.text : "";
      return tested(compileValue(value, "text", entity), (whole) => whole.includes(text));
    }
    case "array":
      return containsElements(compileRaw(value, entity), literals, valueClass.element, entity);
    default: {
      const wanted = part.kind === "list" ? part.items.map(jsonOfLiteral) : jsonOfLiteral(part);
      return tested(compileValue(value, "json", entity), (whole) => containsJson(whole, wanted));
    }
  }
}

function containsElements(
  read: Read<JsonValue>,
  literals: readonly Literal[],
  element: ValueClass,
  entity: Entity,
): CompiledCondition {
  const wanted = literals.map((literal) => {
    const as = readingOf(element, classOfLiteral(literal)) ?? "json";
    return jsonOfLiteral(
      as === "text" && literal.kind === "text"
        ? { ...literal, text: String(literalIn(literal, as, entity, element)) }
        : literal,
    );
  });
  return tested(read, (value) => {
    const found: readonly JsonValue[] = Array.isArray(value) ? value.flat(6) : [];
    const elements = isBlankPadded(element) ? found.map(withoutPaddingIn) : found;
    return wanted.every((each) => elements.some((candidate) => equalJson(candidate, each)));
  });
}

const withoutPaddingIn = (value: JsonValue): JsonValue => (typeof value === "string" ? withoutPadding(value) : value);

/** The JSON value that a literal stands for; numbers keep their digits. */
export function jsonOfLiteral(literal: Literal): JsonValue {
  switch (literal.kind) {
    case "text":
      return literal.text;
    case "number":
      return readExactJson(literal.digits);
    default:
      return literal.value;
  }
}
