/** Which of the last events a rule would have matched, and for each other one why not. Nothing is stored or done. */
import type { ChangeEvent, ChangeOperation } from "../../core/events/change-event.ts";
import { checkRule, type RuleScope } from "../../core/rules/check-rule.ts";
import { explainRule } from "../../core/rules/explain-rule.ts";
import type { Rule } from "../../core/rules/rule.ts";
import type { Outbox } from "../../ports/outbox.ts";
import { invalidRule } from "./change-rules.ts";

export type RuleTest = {
  readonly rule: string;
  readonly events: number;
  readonly matched: number;
  readonly outcomes: readonly EventOutcome[];
};

export type EventOutcome = {
  readonly eventId: string;
  readonly operation: ChangeOperation;
  readonly key: string;
  readonly matched: boolean;
  /** Which clause said no, and the values it saw; absent where the rule matched. */
  readonly reason?: string;
};

/** @throws FraiseqlError RULE_INVALID */
export async function testRule(
  { outbox, scope }: { readonly outbox: Pick<Outbox, "latest">; readonly scope: RuleScope },
  definition: unknown,
  { last }: { readonly last: number },
): Promise<RuleTest> {
  const checked = checkRule(definition, scope);
  if (!("rule" in checked)) throw invalidRule(checked.problems);
  const { rule } = checked;
  const events = await outbox.latest({ limit: last, table: rule.entity.table });
  const outcomes = events.map((event) => outcomeOf(rule, event));
  return {
    rule: rule.name,
    events: events.length,
    matched: outcomes.filter(({ matched }) => matched).length,
    outcomes,
  };
}

function outcomeOf(rule: Rule, event: ChangeEvent): EventOutcome {
  const { matched, reason } = explainRule({ rule, version: 0 }, event, event.occurredAt);
  const { id: eventId, operation, key } = event;
  return { eventId, operation, key, matched, ...(reason === undefined ? {} : { reason }) };
}
