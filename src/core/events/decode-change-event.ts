import { CHANGE_OPERATIONS, type ChangeEvent } from "./change-event.ts";
import { readExactJson } from "./exact-json.ts";
import { ExactNumber, type JsonObject, type JsonValue } from "./json.ts";

const isText = (value: JsonValue | undefined) => typeof value === "string";
const isTextOrNull = (value: JsonValue | undefined) => value === null || typeof value === "string";
const isImage = (value: JsonValue | undefined) => value === null || isObject(value);

/** What each part of an event has to be; more than these there may be. */
const PARTS: Readonly<Record<keyof ChangeEvent, (value: JsonValue | undefined) => boolean>> = {
  id: isText,
  position: (value) => Number.isSafeInteger(value),
  table: isText,
  operation: (value) => CHANGE_OPERATIONS.some((operation) => operation === value),
  key: isText,
  before: isImage,
  after: isImage,
  spilled: (value) => typeof value === "boolean",
  org: isTextOrNull,
  actor: isTextOrNull,
  traceparent: isTextOrNull,
  cause: isTextOrNull,
  occurredAt: isText,
};
const CHECKS = Object.entries(PARTS);

/**
 * Reads an event as the bus carries it. Numbers of rows keep their digits, see `exact-json.ts`.
 *
 * @throws SyntaxError with what is wrong, when the text is no event
 */
export function decodeChangeEvent(text: string): ChangeEvent {
  const value = readExactJson(text);
  if (!isObject(value)) throw new SyntaxError("an event is a JSON object");
  for (const [name, fits] of CHECKS) {
    if (!fits(value[name])) throw new SyntaxError(`the event's ${name} is missing or of another type`);
  }
  return value as unknown as ChangeEvent;
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber);
}
