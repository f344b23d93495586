/** Values written in a condition, each in one form only, so that equal ones are equal trees. */
import { readExactJson, writeExactJson } from "../../events/exact-json.ts";
import { RULE_LIMITS } from "../../limits.ts";
import { type Place, WrittenWrong } from "../problem.ts";
import type { Literal } from "./condition.ts";
import { digitsOf, parseNumber } from "./decimal.ts";

type NumberLiteral = Extract<Literal, { kind: "number" }>;

/** @throws WrittenWrong for a text that is too long or holds U+0000 */
export function textLiteral(text: string, place: Place): Literal {
  if (text.length > RULE_LIMITS.literalTextMax) throw tooLong(place);
  if (text.includes("\0")) throw new WrittenWrong(place, "a text of PostgreSQL holds no character of code 0");
  return { kind: "text", text };
}

/** @throws WrittenWrong for what is no number, or too long written out */
export function numberLiteral(text: string, place: Place): NumberLiteral {
  const number = text.length > RULE_LIMITS.literalTextMax ? undefined : parseNumber(text);
  if (number === undefined) throw new WrittenWrong(place, "this number is not readable or too long");
  const digits = digitsOf(number);
  if (digits.length > RULE_LIMITS.literalTextMax) throw tooLong(place);
  return { kind: "number", digits };
}

/** The number with the other sign; zero has none. */
export function negated({ digits }: NumberLiteral): NumberLiteral {
  if (digits === "0") return { kind: "number", digits };
  return { kind: "number", digits: digits.startsWith("-") ? digits.slice(1) : `-${digits}` };
}

/** @throws WrittenWrong for what is no JSON, is null, or is too long */
export function jsonLiteral(text: string, place: Place): Literal {
  try {
    if (text.length > RULE_LIMITS.literalTextMax) throw tooLong(place);
    const value = readExactJson(text);
    if (value === null) throw new WrittenWrong(place, "nothing compares with null; ask whether something is null");
    // Where a key stands twice, or a number is written long, this is the form that comes back.
    return { kind: "json", value: readExactJson(writeExactJson(value)) };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new WrittenWrong(place, "this is not JSON");
  }
}

const tooLong = (place: Place) =>
  new WrittenWrong(place, `a value has at most ${RULE_LIMITS.literalTextMax} characters`);
