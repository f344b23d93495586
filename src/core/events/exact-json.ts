/** JSON text read and written without rounding a number: a `bigint` or a `numeric` of PostgreSQL keeps all its digits. */

import { parseNumber } from "../rules/conditions/decimal.ts";
import { ExactNumber, type JsonValue } from "./json.ts";

/** Deeper values are refused: both readers recurse. PostgreSQL itself stops at a few thousand. */
const DEPTH_MAX = 512;
/**
 * Only such texts can hold a number that a double rounds, or an exponent that it cannot hold. What stands before a number is
 * looked for too: hexadecimal digits behind a quote, of a UUID or a trace, are none.
 */
const MAYBE_ROUNDED = /(?:^|[:,[\s])-?(?:[\d.]{16}|\d[\d.]*[eE])/;
const SCALAR = /[^\s,\]}:"[{]*/y;

/**
 * Like `JSON.parse`, but a number whose value a double does not keep is an `ExactNumber` with the digits as written.
 *
 * @throws SyntaxError when the text is not JSON, or nests deeper than 512
 */
export function readExactJson(text: string): JsonValue {
  if (!MAYBE_ROUNDED.test(text)) return JSON.parse(text) as JsonValue;
  const reader = new ExactReader(text);
  const value = reader.value(0);
  reader.end();
  return value;
}

class ExactReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(depth: number): JsonValue {
    if (depth > DEPTH_MAX) throw new SyntaxError(`JSON is nested deeper than ${DEPTH_MAX}`);
    this.#space();
    switch (this.#text[this.#at]) {
      case "{":
        return this.#object(depth);
      case "[":
        return this.#array(depth);
      case '"':
        return this.#string();
      default:
        return this.#scalar();
    }
  }

  end(): void {
    this.#space();
    if (this.#at < this.#text.length) throw this.#unexpected();
  }

  #object(depth: number): JsonValue {
    const entries: [string, JsonValue][] = [];
    this.#list("}", () => {
      this.#space();
      if (this.#text[this.#at] !== '"') throw this.#unexpected();
      const name = this.#string();
      this.#space();
      if (this.#text[this.#at++] !== ":") throw this.#unexpected();
      entries.push([name, this.value(depth + 1)]);
    });
    // Makes own properties, of `__proto__` too.
    return Object.fromEntries(entries);
  }

  #array(depth: number): JsonValue {
    const values: JsonValue[] = [];
    this.#list("]", () => values.push(this.value(depth + 1)));
    return values;
  }

  #list(end: string, element: () => void): void {
    this.#at += 1;
    this.#space();
    if (this.#text[this.#at] === end) {
      this.#at += 1;
      return;
    }
    for (;;) {
      element();
      this.#space();
      const next = this.#text[this.#at++];
      if (next === end) return;
      if (next !== ",") throw this.#unexpected();
    }
  }

  #string(): string {
    const start = this.#at;
    let at = start + 1;
    while (at < this.#text.length && this.#text[at] !== '"') at += this.#text[at] === "\\" ? 2 : 1;
    this.#at = at + 1;
    return JSON.parse(this.#text.slice(start, this.#at)) as string;
  }

  #scalar(): JsonValue {
    SCALAR.lastIndex = this.#at;
    const text = SCALAR.exec(this.#text)?.[0] ?? "";
    if (text === "") throw this.#unexpected();
    this.#at += text.length;
    // Refuses what is not JSON, such as 01 and NaN.
    const plain = JSON.parse(text) as null | boolean | number;
    if (typeof plain !== "number") return plain;
    return typeof parseNumber(text) === "number" ? plain : new ExactNumber(text);
  }

  #space(): void {
    while (" \n\r\t".includes(this.#text[this.#at] ?? "x")) this.#at += 1;
  }

  #unexpected(): SyntaxError {
    return new SyntaxError(`unexpected text in JSON at ${this.#at}`);
  }
}

/** JSON text in which an `ExactNumber` is a number with its digits. */
export function writeExactJson(value: JsonValue): string {
  if (value instanceof ExactNumber) return value.digits;
  if (Array.isArray(value)) return `[${value.map(writeExactJson).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(([name, each]) => `${JSON.stringify(name)}:${writeExactJson(each)}`);
  return `{${entries.join(",")}}`;
}
