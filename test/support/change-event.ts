import type { JsonObject } from "../../src/core/events/json.ts";
import type { ActionInput } from "../../src/ports/action.ts";

/** An update of a city, written within a trace. */
export const CITY_EVENT: ActionInput["event"] = {
  id: "k3x9:17",
  position: 17,
  table: "public.cities",
  operation: "update",
  key: "[7]",
  before: { id: 7, name: "Århus", population: 285_273 },
  after: { id: 7, name: "Århus", population: 290_598 },
  spilled: false,
  occurredAt: "2026-01-02T03:04:05.678901Z",
  org: "acme",
  actor: "ann",
  traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  cause: null,
};

/** What an action is given for that event. */
export function actionInput(options: JsonObject, changes: Partial<ActionInput> = {}): ActionInput {
  return {
    id: "k3x9:17:big.city@3:0",
    attempt: 1,
    event: CITY_EVENT,
    rule: { name: "big.city", version: 3 },
    options,
    traceparent: "00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01",
    signal: new AbortController().signal,
    ...changes,
  };
}
