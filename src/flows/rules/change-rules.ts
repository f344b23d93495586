/** From rules as somebody wants them to rules as they are: checked, compared, and changed all at once or not at all. */
import { FraiseqlError } from "../../core/errors.ts";
import { checkRule, type RuleScope, writeRule } from "../../core/rules/check-rule.ts";
import { planRules, type RulePlan } from "../../core/rules/plan-rules.ts";
import type { RuleProblem } from "../../core/rules/problem.ts";
import type { Rule } from "../../core/rules/rule.ts";
import type { RuleSet, RuleStore } from "../../ports/rule-store.ts";
import { problemText } from "./problem-text.ts";

export type RuleParts = { readonly store: RuleStore; readonly scope: RuleScope };

export type PlannedChange = {
  /** Of the set that the plan starts from; a change is refused when there is a newer one by then. */
  readonly rulesVersion: number;
  readonly plan: RulePlan;
};

export type WantedRules = {
  readonly rules: readonly unknown[];
  /** Rules that are not among them are removed: these are all there should be. */
  readonly removeOthers: boolean;
};

/** What would change. @throws FraiseqlError RULE_INVALID with every problem of every rule */
export async function planRuleChange({ store, scope }: RuleParts, wanted: WantedRules): Promise<PlannedChange> {
  return planFrom(await store.current(), checkedRules(wanted.rules, scope), wanted.removeOthers);
}

/**
 * Makes the change, all of it or none.
 *
 * @param options.expected - the version the plan was made from; left out, whatever is the newest by then
 * @throws FraiseqlError RULE_INVALID; RULES_CHANGED when the rules are not at the expected version any more
 */
export async function applyRuleChange(
  { store, scope }: RuleParts,
  wanted: WantedRules,
  { by, expected }: { readonly by: string; readonly expected?: number | undefined },
): Promise<PlannedChange> {
  const rules = checkedRules(wanted.rules, scope);
  const change = async (): Promise<PlannedChange> => {
    const current = await store.current();
    const { plan } = planFrom(current, rules, wanted.removeOthers);
    const changed = new Set([...plan.added, ...plan.changed].map(({ name }) => name));
    const put = rules
      .filter(({ name }) => changed.has(name))
      .map((rule) => ({ name: rule.name, definition: writeRule(rule) }));
    const { version } = await store.apply({ expected: expected ?? current.version, put, remove: plan.removed, by });
    return { rulesVersion: version, plan };
  };
  return expected === undefined ? untilFirst(change) : change();
}

/** @returns whether there was such a rule */
export function removeRule({ store }: RuleParts, name: string, by: string): Promise<boolean> {
  return untilFirst(async () => {
    const { version, rules } = await store.current();
    if (!rules.some((rule) => rule.name === name)) return false;
    await store.apply({ expected: version, put: [], remove: [name], by });
    return true;
  });
}

/** Each time it is outrun somebody else has come through. */
const TRIES_MAX = 50;

/** Again on top of what others have changed meanwhile. */
async function untilFirst<Made>(change: () => Promise<Made>): Promise<Made> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await change();
    } catch (error) {
      const isOutrun = error instanceof FraiseqlError && error.code === "RULES_CHANGED";
      if (!isOutrun || tries === TRIES_MAX) throw error;
    }
  }
}

/** A rule whose action its receiver refused for good decides no more, unless it was changed since. */
export async function disableRule(
  store: RuleStore,
  { name, version }: { readonly name: string; readonly version: number },
  by: string,
): Promise<void> {
  await untilFirst(async () => {
    const set = await store.current();
    const stored = set.rules.find((rule) => rule.name === name && rule.version === version);
    if (stored === undefined || stored.definition["enabled"] === false) return;
    const put = [{ name, definition: { ...stored.definition, enabled: false } }];
    await store.apply({ expected: set.version, put, remove: [], by });
  });
}

/** RULE_INVALID, with the problems in its details. */
export function invalidRule(problems: readonly RuleProblem[]): FraiseqlError {
  const lines = problems.map((problem) => `  ${problemText(problem)}`);
  return new FraiseqlError("RULE_INVALID", `The rule is not valid:\n${lines.join("\n")}`, { details: { problems } });
}

function checkedRules(wanted: readonly unknown[], scope: RuleScope): readonly Rule[] {
  const problems: RuleProblem[] = [];
  const rules = wanted.flatMap((input, at) => {
    const checked = checkRule(input, scope);
    if ("rule" in checked) return [checked.rule];
    const named = typeof input === "object" && input !== null && "name" in input ? String(input.name) : String(at);
    problems.push(...checked.problems.map((problem) => ({ ...problem, path: [named, ...problem.path] })));
    return [];
  });
  const seen = new Set<string>();
  for (const { name } of rules) {
    if (seen.has(name)) problems.push({ path: [name], message: "there are two rules of this name" });
    seen.add(name);
  }
  if (problems.length > 0) throw invalidRule(problems);
  return rules;
}

function planFrom(current: RuleSet, rules: readonly Rule[], removeOthers: boolean): PlannedChange {
  const wanted = rules.map((rule) => ({ name: rule.name, definition: writeRule(rule) }));
  const names = new Set(rules.map(({ name }) => name));
  const compared = removeOthers ? current.rules : current.rules.filter(({ name }) => names.has(name));
  return { rulesVersion: current.version, plan: planRules(compared, wanted) };
}
