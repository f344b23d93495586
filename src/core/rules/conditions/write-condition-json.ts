/** The JSON form of a condition, written: one key per object where the reader takes several. */
import { writeExactJson } from "../../events/exact-json.ts";
import { ExactNumber, type JsonObject, type JsonValue } from "../../events/json.ts";
import type { Condition, Literal, Part, Value } from "./condition.ts";
import { JSON_ARITHMETIC } from "./condition-words.ts";
import { printPath } from "./print-condition.ts";

/** `readConditionJson` gives the same tree back. */
export function writeConditionJson(condition: Condition): JsonObject {
  switch (condition.kind) {
    case "and":
    case "or":
      return { [`_${condition.kind}`]: condition.parts.map(writeConditionJson) };
    case "not":
      return { _not: writeConditionJson(condition.part) };
    case "compare":
      return operator(condition.left, `_${condition.operator}`, writeValue(condition.right));
    case "in":
      return operator(condition.value, condition.negated ? "_nin" : "_in", condition.list.map(writeLiteral));
    case "null":
      return operator(condition.value, "_is_null", !condition.negated);
    case "like":
      return operator(condition.value, condition.caseless ? "_ilike" : "_like", condition.pattern);
    case "contains":
      return operator(condition.value, "_contains", writePart(condition.part));
    case "has-key":
      return operator(condition.value, "_has_key", condition.key);
    case "changed":
      return operator(condition.field, "_changed", true);
    case "changed-from":
      return operator(condition.field, "_changed_from", writeLiteral(condition.value));
    case "changed-to":
      return operator(condition.field, "_changed_to", writeLiteral(condition.value));
  }
}

function operator(value: Value, name: string, operand: JsonValue): JsonObject {
  const path = pathText(value);
  return path === undefined ? { _value: writeValue(value), [name]: operand } : { [path]: { [name]: operand } };
}

function pathText(value: Value): string | undefined {
  if (value.kind === "op" || value.kind === "now") return value.kind;
  return value.kind === "path" ? printPath(value) : undefined;
}

function writeValue(value: Value): JsonValue {
  switch (value.kind) {
    case "path":
    case "op":
    case "now":
      return { _path: pathText(value) ?? "" };
    case "negate":
      return { _neg: writeValue(value.value) };
    case "arithmetic": {
      const [name = ""] = Object.entries(JSON_ARITHMETIC).find(([, each]) => each === value.operator) ?? [];
      return { [name]: [writeValue(value.left), writeValue(value.right)] };
    }
    default:
      return writeLiteral(value);
  }
}

function writeLiteral(literal: Literal): JsonValue {
  switch (literal.kind) {
    case "text":
      return literal.text;
    case "boolean":
      return literal.value;
    case "json":
      return isPlain(literal.value) ? { _json: literal.value } : { _json_text: writeExactJson(literal.value) };
    case "number":
      // What a double would round, or write with an exponent, goes as text through readers of JSON that know doubles only.
      return String(Number(literal.digits)) === literal.digits ? Number(literal.digits) : { _number: literal.digits };
  }
}

/** Whether readers of JSON that know doubles only keep it. */
function isPlain(value: JsonValue): boolean {
  if (typeof value !== "object" || value === null) return true;
  return !(value instanceof ExactNumber) && Object.values(value).every(isPlain);
}

function writePart(part: Part): JsonValue {
  return part.kind === "list" ? part.items.map(writeLiteral) : writeLiteral(part);
}
