/** Whether a text written in a condition is a value of the type it is compared with. */

import { unknownName } from "../problem.ts";
import type { Literal } from "./condition.ts";
import { digitsOf, parseNumber } from "./decimal.ts";
import { parseInstant } from "./instant.ts";
import type { PathProblem, ValueClass } from "./value-class.ts";

const EXAMPLES = {
  date: "2026-03-01",
  timestamp: "2026-03-01T12:30:00",
  timestamptz: "2026-03-01T12:30:00Z, with its offset",
} as const;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** What keeps a text from being a value of the class; undefined where nothing does. */
export function checkLiteral(literal: Literal, against: ValueClass): PathProblem | undefined {
  if (literal.kind !== "text") return undefined;
  const { text } = literal;
  switch (against.is) {
    case "enum":
      return against.labels.includes(text) ? undefined : unknownName("value", text, against.labels);
    case "uuid":
      return UUID.test(text) ? undefined : { message: `${JSON.stringify(text.slice(0, 60))} is not a UUID` };
    case "time":
      // A date stands for its midnight wherever no time zone is in play.
      if (parseInstant(text, against.kind) !== undefined) return undefined;
      return {
        message: `${JSON.stringify(text.slice(0, 60))} is not a ${against.kind}, such as ${EXAMPLES[against.kind]}`,
      };
    default:
      return undefined;
  }
}

/** What was probably meant by a literal that cannot be compared with the class: `5` by `'5'` beside a number. */
export function meantLiteral(literal: Literal, against: ValueClass): Literal | undefined {
  if (literal.kind === "text" && against.is === "number") {
    const number = parseNumber(literal.text);
    return number === undefined ? undefined : { kind: "number", digits: digitsOf(number) };
  }
  if (literal.kind === "text" && against.is === "boolean" && /^(true|false)$/.test(literal.text)) {
    return { kind: "boolean", value: literal.text === "true" };
  }
  if (literal.kind !== "number") return undefined;
  const isText = against.is === "text" || (against.is === "enum" && against.labels.includes(literal.digits));
  return isText ? { kind: "text", text: literal.digits } : undefined;
}
