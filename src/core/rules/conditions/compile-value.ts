/** Values of a condition as functions of a change. Each reads as one kind of value; what is of another kind is null. */
import { ExactNumber, type JsonObject, type JsonValue } from "../../events/json.ts";
import type { Entity } from "../entities.ts";
import type { RuleInput } from "../rule-input.ts";
import type { Literal, Path, Value } from "./condition.ts";
import { ARITHMETIC, digitsOf, type Numeric, negate, parseNumber } from "./decimal.ts";
import { type Instant, type InstantKind, parseInstant } from "./instant.ts";
import { jsonNumber } from "./json-compare.ts";
import { classOf, isBlankPadded, literalText, type Reading, type ValueClass, withoutPadding } from "./value-class.ts";

export type Read<Result> = (input: RuleInput) => Result | null;

/** What a value reads as. */
type Readings = {
  readonly number: Numeric;
  readonly text: string;
  readonly boolean: boolean;
  readonly time: Instant;
  readonly json: JsonValue;
};

/**
 * @param other the class of what the value is compared with: a text literal takes the kind of a time from it.
 * @throws TypeError for a value that `checkCondition` would refuse
 */
export function compileValue<As extends Reading>(
  value: Value,
  as: As,
  entity: Entity,
  other?: ValueClass,
): Read<Readings[As]> {
  return COMPILERS[as](value, entity, other) as Read<Readings[As]>;
}

const COMPILERS: {
  readonly [As in Reading]: (value: Value, entity: Entity, other?: ValueClass) => Read<Readings[As]>;
} = {
  number: compileNumber,
  text: compileText,
  boolean: (value, entity) => {
    if (value.kind === "boolean") return constant(value.value);
    const read = compileRaw(value, entity);
    return (input) => asBoolean(read(input));
  },
  time: compileTime,
  json: (value, entity) => (value.kind === "json" ? constant(value.value) : compileRaw(value, entity)),
};

const constant =
  <Result>(value: Result): Read<Result> =>
  () =>
    value;

function compileNumber(value: Value, entity: Entity): Read<Numeric> {
  switch (value.kind) {
    case "number":
      return constant(literalNumber(value.digits));
    case "negate": {
      const read = compileNumber(value.value, entity);
      return (input) => {
        const number = read(input);
        return number === null ? null : negate(number);
      };
    }
    case "arithmetic": {
      const compute = ARITHMETIC[value.operator];
      const [left, right] = [compileNumber(value.left, entity), compileNumber(value.right, entity)];
      return (input) => {
        const a = left(input);
        if (a === null) return null;
        const b = right(input);
        return b === null ? null : compute(a, b);
      };
    }
    default: {
      const read = compileRaw(value, entity);
      return knownClass(value, entity).is === "number"
        ? (input) => asNumber(read(input))
        : (input) => jsonNumber(read(input));
    }
  }
}

function literalNumber(digits: string): Numeric {
  const number = parseNumber(digits);
  if (number === undefined) throw new TypeError("a number literal is not a number");
  return number;
}

function compileText(value: Value, entity: Entity, other?: ValueClass): Read<string> {
  if (value.kind === "text") return constant(literalText(value.text, other));
  if (value.kind === "op") return (input) => input.operation;
  const read = compileRaw(value, entity);
  if (!isBlankPadded(knownClass(value, entity))) return (input) => asText(read(input));
  return (input) => {
    const text = asText(read(input));
    return text === null ? null : withoutPadding(text);
  };
}

function compileTime(value: Value, entity: Entity, other?: ValueClass): Read<Instant> {
  if (value.kind === "now") return (input) => parseInstant(input.now, "timestamptz") ?? null;
  if (value.kind === "text")
    return constant(
      parseInstant(value.text, other?.is === "time" ? other.kind : "timestamptz") ?? null,
    ) as Read<Instant>;
  const read = compileRaw(value, entity);
  const known = knownClass(value, entity);
  const kind: InstantKind = known.is === "time" ? known.kind : "timestamptz";
  return (input) => asInstant(read(input), kind);
}

/** The JSON value at a path; null where there is none. */
export function compileRaw(value: Value, entity: Entity): Read<JsonValue> {
  switch (value.kind) {
    case "path":
      knownClass(value, entity);
      return compilePath(value);
    case "op":
      return (input) => input.operation;
    case "now":
      return (input) => input.now;
    case "text":
      return constant(value.text);
    case "boolean":
    case "json":
      return constant(value.value);
    default: {
      const read = compileNumber(value, entity);
      return (input) => jsonOfNumber(read(input));
    }
  }
}

function jsonOfNumber(number: Numeric | null): JsonValue {
  if (number === null || typeof number === "number") return number;
  return new ExactNumber(`${number.coefficient}e-${number.scale}`);
}

/** Reads a field, or a part of its JSON, of an event; null where there is none. */
export function compilePath({ root, steps }: Path): Read<JsonValue> {
  const row = ROWS[root];
  const [first, ...inside] = steps;
  const column = String(first);
  // Columns of an ordinary name are read without a question; no step ever reaches a prototype.
  const top: Read<JsonValue> =
    root !== "claims" && !(column in Object.prototype)
      ? (input) => row(input)?.[column] ?? null
      : (input) => ownStep(row(input), column);
  if (inside.length === 0) return top;
  return (input) => inside.reduce<JsonValue>(ownStep, top(input));
}

const ROWS: { readonly [Root in Path["root"]]: (input: RuleInput) => JsonObject | null } = {
  new: (input) => input.after,
  old: (input) => input.before,
  row: (input) => (input.operation === "delete" ? input.before : input.after),
  claims: (input) => input.claims,
};

/** One step as `->` of PostgreSQL takes it: a name into an object, a position into an array, nothing else. */
function ownStep(value: JsonValue, step: string | number): JsonValue {
  if (typeof value !== "object" || value === null || value instanceof ExactNumber) return null;
  if (Array.isArray(value)) return typeof step === "number" ? (value[step] ?? null) : null;
  return typeof step === "string" && Object.hasOwn(value, step) ? ((value as JsonObject)[step] ?? null) : null;
}

/** The class of a value that was checked before. @throws TypeError for one that was not */
export function knownClass(value: Value, entity: Entity): ValueClass {
  const found = classOf(value, entity);
  if ("is" in found) return found;
  throw new TypeError(found.message);
}

const asText = (value: JsonValue): string | null => (typeof value === "string" ? value : null);
const asBoolean = (value: JsonValue): boolean | null => (typeof value === "boolean" ? value : null);

/** A column's number: JSON has no digits for NaN and the infinities, PostgreSQL writes them as text. */
export function asNumber(value: JsonValue): Numeric | null {
  if (typeof value === "number") return value;
  return typeof value === "string" && NOT_IN_JSON.includes(value) ? Number(value) : jsonNumber(value);
}

const NOT_IN_JSON = ["NaN", "Infinity", "-Infinity"];

/** Null for what is no text of such a time. */
export function asInstant(value: JsonValue, kind: InstantKind): Instant | null {
  return typeof value === "string" ? (parseInstant(value, kind) ?? null) : null;
}

/** The value a literal stands for, in the reading it is compared in; times and UUIDs in their one form. */
export function literalIn(literal: Literal, as: Reading, entity: Entity, other: ValueClass): Readings[Reading] | null {
  return compileValue(
    literal,
    as,
    entity,
    other,
  )({ operation: "truncate", before: null, after: null, claims: null, now: "" });
}

/** Equal values have the same key, others of the same reading another one. */
export function keyOf(value: Numeric | string | boolean | Instant): number | string | boolean | bigint {
  return typeof value === "object" ? digitsOf(value) : value;
}
