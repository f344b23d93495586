/** A template filled with an event's values, each escaped for the place it goes to. */

import type { ChangeEvent } from "../../events/change-event.ts";
import { writeExactJson } from "../../events/exact-json.ts";
import { ExactNumber, type JsonValue } from "../../events/json.ts";
import { compilePath } from "../conditions/compile-value.ts";
import { digitsOf, parseNumber } from "../conditions/decimal.ts";
import { ruleInput } from "../rule-input.ts";
import { endsQuoted, type Template, type TemplateTarget, type TemplateValue } from "./template.ts";

export type TemplateInput = {
  readonly event: ChangeEvent;
  readonly entity: string;
  readonly ruleName: string;
  /** RFC 3339 with offset. */
  readonly now: string;
};

/**
 * A value that is missing is empty, in JSON `null`. Objects and arrays are JSON in every target.
 *
 * In JSON a value between quotes is a part of that text: `"Order {{ new.id }}"`; elsewhere it is a value of its own.
 */
export function renderTemplate({ texts, holes }: Template, target: TemplateTarget, input: TemplateInput): string {
  let result = texts[0] ?? "";
  let quoted = target === "json" && endsQuoted(result, false);
  holes.forEach(({ value }, index) => {
    const text = texts[index + 1] ?? "";
    result += escaped(holeJson(value, input), target, quoted) + text;
    quoted = target === "json" && endsQuoted(text, quoted);
  });
  return result;
}

function holeJson(value: TemplateValue, { event, entity, ruleName, now }: TemplateInput): JsonValue {
  switch (value.kind) {
    case "path":
      return compilePath(value)(ruleInput(event, now));
    case "op":
      return event.operation;
    case "now":
      return now;
    case "rule-name":
      return ruleName;
    case "text":
      return value.text;
    case "event":
      return value.field === "entity" ? entity : event[value.field];
  }
}

function escaped(value: JsonValue, target: TemplateTarget, quoted: boolean): string {
  if (target === "json") return quoted ? JSON.stringify(plainText(value)).slice(1, -1) : writeExactJson(value);
  return ESCAPES[target](plainText(value));
}

function plainText(value: JsonValue): string {
  if (value === null) return "";
  if (typeof value === "string") return value;
  if (typeof value === "number" || value instanceof ExactNumber) return numberText(value);
  return writeExactJson(value);
}

/** Digits without an exponent, as a reader of a mail expects them. */
function numberText(value: number | ExactNumber): string {
  const number = typeof value === "number" ? value : parseNumber(value.digits);
  return number === undefined ? String(value instanceof ExactNumber ? value.digits : value) : digitsOf(number);
}

const HTML: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

const ESCAPES: { readonly [Target in Exclude<TemplateTarget, "json">]: (text: string) => string } = {
  text: (text) => text,
  // No value begins another header, or is taken for the end of this one.
  header: (text) => text.replace(/\p{Cc}+/gu, " "),
  // Also what encodeURIComponent leaves alone, but RFC 3986 reserves; a lone half of a pair has no bytes.
  url: (text) => encodeURIComponent(wellFormed(text)).replace(/[!'()*]/g, percent),
  html: (text) => text.replace(/[&<>"']/g, (char) => HTML[char] ?? char),
};

const percent = (char: string) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`;

function wellFormed(text: string): string {
  return Array.from(text, (char) => (/^[\ud800-\udfff]$/.test(char) ? "\ufffd" : char)).join("");
}
