/** Numbers that do not fit a double: they travel as strings, so that no digit is lost. */
import { quote } from "./text.ts";

const INT8_MIN = -(2n ** 63n);
const INT8_MAX = 2n ** 63n - 1n;

/** PostgreSQL's `int8`: a string of digits, or a number that a double holds exactly. */
export function parseBigInt(value: unknown): string {
  if (typeof value === "number" && !Number.isSafeInteger(value)) {
    throw new TypeError("Expected a whole number; write one beyond ±9007199254740991 as a string, or it loses digits.");
  }
  const text = typeof value === "number" || typeof value === "bigint" ? String(value) : value;
  if (typeof text !== "string" || !/^-?\d{1,19}$/.test(text)) {
    throw new TypeError(`Expected a whole number as a string of digits${got(value)}.`);
  }
  const number = BigInt(text);
  if (number < INT8_MIN || number > INT8_MAX) throw new TypeError(`${text} does not fit 64 bits.`);
  return number.toString();
}

/** Digits up to which the decimal text of a double is what its writer wrote. */
const DOUBLE_DIGITS_MAX = 15;

/** PostgreSQL's `numeric`: a string, or a number short enough to be exact. */
export function parseDecimal(value: unknown): string {
  if (typeof value === "number") {
    const digits = String(value).replace(/e.*$/, "").replaceAll(/[-.]/g, "").replace(/^0+/, "");
    if (!Number.isFinite(value) || digits.length > DOUBLE_DIGITS_MAX) {
      throw new TypeError(`Expected a decimal number; write one of more than ${DOUBLE_DIGITS_MAX} digits as a string.`);
    }
    return String(value);
  }
  if (typeof value === "bigint") return String(value);
  if (typeof value === "string") {
    // Each digit can be read in one way only: with `\d+\.?\d*` a long text that does not match takes quadratic time.
    if (/^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d{1,5})?$/i.test(value)) return value;
    // numeric has these values; what we answer we also accept.
    if (value === "NaN" || value === "Infinity" || value === "-Infinity") return value;
  }
  throw new TypeError(`Expected a decimal number as a string such as "12.50"${got(value)}.`);
}

function got(value: unknown): string {
  return typeof value === "string" ? `, got ${quote(value)}` : "";
}
