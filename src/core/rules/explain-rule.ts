/** Why a rule did not match an event, in one line. */
import type { ChangeEvent } from "../events/change-event.ts";
import { explainCondition, explanationText } from "./conditions/explain-condition.ts";
import type { LiveRule } from "./rule-bucket.ts";
import { ruleInput } from "./rule-input.ts";

/** What one version of a rule says of an event of its table. */
export type RuleVerdict = {
  readonly ruleName: string;
  readonly ruleVersion: number;
  readonly matched: boolean;
  /** Absent where it matched. */
  readonly reason?: string;
};

/** @param now the same that the decision was or would be made with; see `ruleInput`. */
export function explainRule({ rule, version }: LiveRule, event: ChangeEvent, now: string): RuleVerdict {
  const no = (reason: string): RuleVerdict => ({ ruleName: rule.name, ruleVersion: version, matched: false, reason });
  if (!rule.enabled) return no("the rule is disabled");
  if (!rule.operations.includes(event.operation)) {
    return no(`it is for ${rule.operations.join(", ")}; this is ${event.operation}`);
  }
  if (rule.org !== null && rule.org !== event.org) return no("it is for another org");
  const explanation = explainCondition(rule.condition, rule.entity, ruleInput(event, now));
  if (explanation.truth !== true) return no(explanationText(explanation));
  return { ruleName: rule.name, ruleVersion: version, matched: true };
}
