import { checkRule } from "../../core/rules/check-rule.ts";
import type { StoredRule } from "../../ports/rule-store.ts";
import type { RuleParts } from "./change-rules.ts";
import { problemText } from "./problem-text.ts";

export type CurrentRule = StoredRule & {
  /** Why it decides nothing: what it is about has changed since it was saved. */
  readonly broken?: string;
};

export type CurrentRules = { readonly version: number; readonly rules: readonly CurrentRule[] };

/** The rules as they are kept, with what keeps any of them from deciding. */
export async function currentRules({ store, scope }: RuleParts): Promise<CurrentRules> {
  const { version, rules } = await store.current();
  const shown = rules.map((stored): CurrentRule => {
    const checked = checkRule(stored.definition, scope);
    return "rule" in checked ? stored : { ...stored, broken: checked.problems.map(problemText).join("; ") };
  });
  return { version, rules: shown };
}
