import type { ChangeEvent } from "./change-event.ts";
import type { JsonObject } from "./json.ts";

/** What the world is told of an event, where a rule does not say otherwise. */
export function eventPayload(event: ChangeEvent): JsonObject {
  const { id, table, operation, key, org, actor, before, after, spilled, occurredAt } = event;
  return { id, table, operation, key, org, actor, before, after, spilled, occurredAt };
}
