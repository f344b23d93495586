/** What a condition is asked about: one change, who wrote it, and when it is decided. */
import type { ChangeEvent } from "../events/change-event.ts";
import type { JsonObject } from "../events/json.ts";

export type RuleInput = Pick<ChangeEvent, "operation" | "before" | "after"> & {
  readonly claims: JsonObject | null;
  /** RFC 3339 with offset. */
  readonly now: string;
};

/** @param now RFC 3339 with offset: the moment of the decision, or of the event where it is to be decided again alike. */
export function ruleInput(event: ChangeEvent, now: string): RuleInput {
  return new EventInput(event, now);
}

/** One is made for every event, and few rules ask for the claims. */
class EventInput implements RuleInput {
  readonly operation: ChangeEvent["operation"];
  readonly before: JsonObject | null;
  readonly after: JsonObject | null;
  readonly now: string;
  readonly #event: ChangeEvent;

  constructor(event: ChangeEvent, now: string) {
    this.operation = event.operation;
    this.before = event.before;
    this.after = event.after;
    this.now = now;
    this.#event = event;
  }

  get claims(): JsonObject {
    return claimsOf(this.#event);
  }
}

/** What an event knows of who wrote it. */
function claimsOf({ actor, org }: Pick<ChangeEvent, "actor" | "org">): JsonObject {
  return { sub: actor, org };
}
