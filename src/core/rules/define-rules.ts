/** The rules of a file: `export const rules = defineRules([...])`. */
import type { RuleInputForm } from "./rule.ts";

/** Gives what it gets; for its types, so that an editor knows the fields of a rule. They are checked when they are read. */
export function defineRules<const Rules extends readonly RuleInputForm[]>(rules: Rules): Rules {
  return rules;
}
