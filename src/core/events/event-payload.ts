import type { ChangeEvent } from "./change-event.ts";
import { ExactNumber, type JsonObject, type JsonValue } from "./json.ts";

/** What the world is told of an event, where a rule does not say otherwise. */
export function eventPayload(event: ChangeEvent): JsonObject {
  const { id, table, operation, key, org, actor, before, after, spilled, occurredAt } = event;
  return { id, table, operation, key, org, actor, before, after, spilled, occurredAt };
}

/** JSON text in which numbers keep the digits that a double would round. */
export function payloadText(value: JsonValue): string {
  if (value instanceof ExactNumber) return value.digits;
  if (Array.isArray(value)) return `[${value.map(payloadText).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(([name, each]) => `${JSON.stringify(name)}:${payloadText(each)}`);
  return `{${entries.join(",")}}`;
}
