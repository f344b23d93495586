/** Equality and containment of `jsonb`, and the order of texts that does not depend on a database's collation. */
import { ExactNumber, type JsonObject, type JsonValue } from "../../events/json.ts";
import { compareNumbers, type Numeric, parseNumber } from "./decimal.ts";

/** Numbers are equal by value, 1 and 1.0; objects by keys and values. */
export function equalJson(a: JsonValue, b: JsonValue): boolean {
  if (a === b) return true;
  const [left, right] = [jsonNumber(a), jsonNumber(b)];
  if (left !== null && right !== null) return compareNumbers(left, right) === 0;
  if (left !== null || right !== null) return false;
  if (Array.isArray(a)) {
    return (
      Array.isArray(b) && a.length === b.length && a.every((each, index) => equalJson(each, b[index] as JsonValue))
    );
  }
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && equalJson(a[key] ?? null, b[key] ?? null))
  );
}

/** `@>`: https://www.postgresql.org/docs/current/datatype-json.html#JSON-CONTAINMENT */
export function containsJson(whole: JsonValue, part: JsonValue): boolean {
  // Only at the top may an array stand for its element.
  if (Array.isArray(whole) && !Array.isArray(part) && !isObject(part))
    return whole.some((each) => equalJson(each, part));
  return holds(whole, part);
}

function holds(whole: JsonValue, part: JsonValue): boolean {
  if (Array.isArray(part)) {
    return Array.isArray(whole) && part.every((wanted) => whole.some((each) => holds(each, wanted)));
  }
  if (!isObject(part)) return equalJson(whole, part);
  return (
    isObject(whole) &&
    Object.keys(part).every((key) => Object.hasOwn(whole, key) && holds(whole[key] ?? null, part[key] ?? null))
  );
}

/** `?`: a key of an object, a text in an array, or the text itself. */
export function hasKey(value: JsonValue, key: string): boolean {
  if (Array.isArray(value)) return value.includes(key);
  return isObject(value) ? Object.hasOwn(value, key) : value === key;
}

export function jsonNumber(value: JsonValue): Numeric | null {
  if (typeof value === "number") return value;
  return value instanceof ExactNumber ? (parseNumber(value.digits) ?? null) : null;
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber);
}

/** By code points, as the collation "C" of a database in UTF-8; JavaScript's own order is another for U+10000 and above. */
export function compareTexts(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at += 1) {
    const [left, right] = [a.charCodeAt(at), b.charCodeAt(at)];
    if (left !== right) return rank(left) - rank(right);
  }
  return a.length - b.length;
}

/** Halves of a pair stand for characters above all that need no pair. */
const rank = (unit: number): number => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit);
