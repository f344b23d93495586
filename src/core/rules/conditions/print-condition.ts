/** The text form of a condition, with as few parentheses as keep its tree. */
import { writeExactJson } from "../../events/exact-json.ts";
import type { ArithmeticOperator, Condition, Literal, Part, Path, Value } from "./condition.ts";
import { ARITHMETIC_SIGNS, COMPARISON_SIGNS, isPlainName, isReserved } from "./condition-words.ts";

/** `parseCondition` gives the same tree back. */
export function printCondition(condition: Condition): string {
  switch (condition.kind) {
    case "and":
    case "or":
      return printJoined(condition.kind, condition.parts);
    case "not":
      return printNot(condition.part);
    case "compare":
      return `${printValue(condition.left)} ${COMPARISON_SIGNS[condition.operator]} ${printValue(condition.right)}`;
    case "in":
      return `${printValue(condition.value)} ${condition.negated ? "not in" : "in"} (${condition.list.map(printValue).join(", ")})`;
    case "null":
      return `${printValue(condition.value)} ${condition.negated ? "is not null" : "is null"}`;
    case "like":
      return `${printValue(condition.value)} ${condition.caseless ? "ilike" : "like"} ${quoted(condition.pattern)}`;
    case "contains":
      return `contains(${printValue(condition.value)}, ${printPart(condition.part)})`;
    case "has-key":
      return `has_key(${printValue(condition.value)}, ${quoted(condition.key)})`;
    case "changed":
      return `changed(${printPath(condition.field)})`;
    case "changed-from":
    case "changed-to": {
      const name = condition.kind === "changed-from" ? "changed_from" : "changed_to";
      return `${name}(${printPath(condition.field)}, ${printValue(condition.value)})`;
    }
  }
}

function printJoined(kind: "and" | "or", parts: readonly Condition[]): string {
  if (parts.length === 0) return kind === "and" ? "true" : "false";
  const inner = (part: Condition) =>
    isJoined(part) && !(kind === "or" && part.kind === "and") ? `(${printCondition(part)})` : printCondition(part);
  return parts.map(inner).join(kind === "and" ? " && " : " || ");
}

function printNot(part: Condition): string {
  return isJoined(part) || isBare(part) ? `!(${printCondition(part)})` : `!${printCondition(part)}`;
}

function isJoined(condition: Condition): boolean {
  return (condition.kind === "and" || condition.kind === "or") && condition.parts.length > 0;
}

/** `!` binds closer than a comparison: without parentheses a reader might take it for the value's. */
function isBare(condition: Condition): boolean {
  return ["compare", "in", "null", "like"].includes(condition.kind);
}

/** A value as it is written in a rule. */
export function printValue(value: Value): string {
  return printTerm(value, 0);
}

const PRECEDENCE: Readonly<Record<ArithmeticOperator, number>> = {
  add: 1,
  subtract: 1,
  multiply: 2,
  divide: 2,
  remainder: 2,
};

/** @param least below this precedence the term needs parentheses. */
function printTerm(value: Value, least: number): string {
  switch (value.kind) {
    case "path":
      return printPath(value);
    case "op":
    case "now":
      return value.kind;
    case "negate":
      return `-${printTerm(value.value, 3)}`;
    case "arithmetic": {
      const own = PRECEDENCE[value.operator];
      const text = `${printTerm(value.left, own)} ${ARITHMETIC_SIGNS[value.operator]} ${printTerm(value.right, own + 1)}`;
      return own < least ? `(${text})` : text;
    }
    default:
      return printLiteral(value);
  }
}

function printLiteral(literal: Literal): string {
  switch (literal.kind) {
    case "text":
      return quoted(literal.text);
    case "number":
      return literal.digits;
    case "boolean":
      return String(literal.value);
    case "json":
      return `json(${quoted(writeExactJson(literal.value))})`;
  }
}

function printPart(part: Part): string {
  return part.kind === "list" ? `[${part.items.map(printLiteral).join(", ")}]` : printLiteral(part);
}

/** A path as it is written in a rule. */
export function printPath({ root, steps }: Path): string {
  const [first, ...others] = steps;
  const begin = typeof first === "string" ? printName(first, root === "row") : `[${first}]`;
  const head = root === "row" ? begin : root + (typeof first === "string" ? "." : "") + begin;
  return others.reduce<string>(
    (text, step) =>
      text + (typeof step === "number" ? `[${step}]` : isPlainName(step) ? `.${step}` : `[${quoted(step)}]`),
    head,
  );
}

function printName(name: string, isFirst: boolean): string {
  return isPlainName(name) && !(isFirst && isReserved(name)) ? name : `"${name.replaceAll('"', '""')}"`;
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
