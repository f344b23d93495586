/** One event from its row to what came of it: which rules matched, why others did not, and each delivery. */
import type { ChangeEvent } from "../../core/events/change-event.ts";
import { eventIdOf, replayId } from "../../core/events/replay-id.ts";
import { checkRule, type RuleScope } from "../../core/rules/check-rule.ts";
import { explainRule } from "../../core/rules/explain-rule.ts";
import type { Delivery, Ledger } from "../../ports/ledger.ts";
import type { Outbox } from "../../ports/outbox.ts";
import type { RuleStore } from "../../ports/rule-store.ts";

export type ShownDecision = {
  readonly rule: string;
  readonly version: number;
  readonly matched: boolean;
  /** Which clause said no, and the values it saw; absent where the rule matched. */
  readonly reason?: string;
};

/** What became of one publication of the event. */
export type ShownPublication = {
  /** Absent until the rules have decided. */
  readonly decided?: { readonly at: string; readonly rulesVersion: number };
  /** Of the rules for this table, as they were when they decided; before that, as they are now. */
  readonly decisions: readonly ShownDecision[];
  readonly deliveries: readonly Delivery[];
};

export type ShownEvent = ShownPublication & {
  readonly event: ChangeEvent;
  /** The newest of its replays, in their order: each is a publication of its own. */
  readonly replays: readonly (ShownPublication & { readonly replay: number })[];
};

type Parts = {
  readonly outbox: Pick<Outbox, "event" | "replays">;
  readonly ledger: Pick<Ledger, "decidedEvent" | "deliveries">;
  readonly store: RuleStore;
  readonly scope: RuleScope;
};

const DELIVERIES_MAX = 1_000;
const REPLAYS_MAX = 20;

/** @param id of the event, or of one of its replays, as deliveries have it */
export async function showEvent(parts: Parts, id: string): Promise<ShownEvent | undefined> {
  const event = await parts.outbox.event(eventIdOf(id));
  if (event === undefined) return undefined;
  const count = await parts.outbox.replays(event.id);
  const shown = Math.min(count, REPLAYS_MAX);
  const numbers = Array.from({ length: shown }, (_, index) => count - shown + index + 1);
  const replays = await Promise.all(
    numbers.map(async (replay) => ({ replay, ...(await publication(parts, event, replayId(event.id, replay))) })),
  );
  return { event, ...(await publication(parts, event, event.id)), replays };
}

async function publication({ ledger, store, scope }: Parts, event: ChangeEvent, id: string): Promise<ShownPublication> {
  const decided = await ledger.decidedEvent(id);
  const set = await (decided === undefined ? store.current() : store.at(decided.rulesVersion));
  const matched = new Map(decided?.matched.map(({ name, version }) => [name, version]));
  const decisions = set.rules.flatMap(({ name, version, definition }): ShownDecision[] => {
    const checked = checkRule(definition, scope);
    if (!("rule" in checked)) return matched.has(name) ? [{ rule: name, version, matched: true }] : [];
    if (checked.rule.entity.table !== event.table) return [];
    // What was decided stands; only the reason of a no is worked out anew.
    if (matched.get(name) === version) return [{ rule: name, version, matched: true }];
    const explained = explainRule({ rule: checked.rule, version }, event, event.occurredAt);
    const reason = explained.reason === undefined ? {} : { reason: explained.reason };
    return [{ rule: name, version, matched: decided === undefined && explained.matched, ...reason }];
  });
  const deliveries = await ledger.deliveries({ eventId: id }, { limit: DELIVERIES_MAX });
  return {
    ...(decided === undefined ? {} : { decided: { at: decided.decidedAt, rulesVersion: decided.rulesVersion } }),
    decisions,
    deliveries: deliveries.toReversed(),
  };
}
