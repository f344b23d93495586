/** One event from its row to what came of it: which rules matched, why others did not, and each delivery. */
import type { ChangeEvent } from "../../core/events/change-event.ts";
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

export type ShownEvent = {
  readonly event: ChangeEvent;
  /** Absent until the rules have decided. */
  readonly decided?: { readonly at: string; readonly rulesVersion: number };
  /** Of the rules for this table, as they were when they decided; before that, as they are now. */
  readonly decisions: readonly ShownDecision[];
  readonly deliveries: readonly Delivery[];
};

const DELIVERIES_MAX = 1_000;

export async function showEvent(
  parts: {
    readonly outbox: Pick<Outbox, "event">;
    readonly ledger: Pick<Ledger, "decidedEvent" | "deliveries">;
    readonly store: RuleStore;
    readonly scope: RuleScope;
  },
  id: string,
): Promise<ShownEvent | undefined> {
  const event = await parts.outbox.event(id);
  if (event === undefined) return undefined;
  const decided = await parts.ledger.decidedEvent(id);
  const set = await (decided === undefined ? parts.store.current() : parts.store.at(decided.rulesVersion));
  const matched = new Map(decided?.matched.map(({ name, version }) => [name, version]));
  const decisions = set.rules.flatMap(({ name, version, definition }): ShownDecision[] => {
    const checked = checkRule(definition, parts.scope);
    if (!("rule" in checked)) return matched.has(name) ? [{ rule: name, version, matched: true }] : [];
    if (checked.rule.entity.table !== event.table) return [];
    // What was decided stands; only the reason of a no is worked out anew.
    if (matched.get(name) === version) return [{ rule: name, version, matched: true }];
    const explained = explainRule({ rule: checked.rule, version }, event, event.occurredAt);
    const reason = explained.reason === undefined ? {} : { reason: explained.reason };
    return [{ rule: name, version, matched: decided === undefined && explained.matched, ...reason }];
  });
  const deliveries = await parts.ledger.deliveries({ eventId: id }, { limit: DELIVERIES_MAX });
  return {
    event,
    ...(decided === undefined ? {} : { decided: { at: decided.decidedAt, rulesVersion: decided.rulesVersion } }),
    decisions,
    deliveries: deliveries.toReversed(),
  };
}
