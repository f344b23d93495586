/** The rules as they are now, in every worker within a second of a change. */
import type { Observe } from "../../core/observation.ts";
import { checkRule, type RuleScope } from "../../core/rules/check-rule.ts";
import { changeRuleIndex, createRuleIndex, type RuleIndex } from "../../core/rules/rule-index.ts";
import type { RuleStore, StoredRule } from "../../ports/rule-store.ts";
import type { Wait } from "../../ports/wait.ts";
import { problemText } from "./problem-text.ts";

export type LiveRules = {
  /** The rules of one moment; each change gives another. */
  current(): RuleIndex;
  /** Looks for changes until the signal. */
  follow(signal: AbortSignal): Promise<void>;
};

export type LiveRuleParts = {
  readonly store: RuleStore;
  readonly scope: RuleScope;
  readonly wait: Wait;
  readonly observe: Observe;
};

/** Four looks a second at one number cost next to nothing, and need no connection of their own. */
const LOOK_MS = 250;

/** @throws what the store rejects with, when the rules cannot be read for the first time */
export async function openLiveRules({ store, scope, wait, observe }: LiveRuleParts): Promise<LiveRules> {
  const checked = (stored: readonly StoredRule[]) =>
    stored.flatMap(({ name, version, definition }) => {
      const result = checkRule(definition, scope);
      if ("rule" in result) return [{ rule: result.rule, version }];
      // The schema has changed since it was saved. It does not decide, and everybody is told.
      observe({ kind: "rule-broken", rule: name, reason: result.problems.map(problemText).join("; ") });
      return [];
    });
  const first = await store.current();
  let stored = first.rules;
  let index = createRuleIndex(checked(first.rules), first.version);
  observe({ kind: "rules-loaded", version: first.version, count: index.rules.size });

  const look = async () => {
    if ((await store.version()) === index.version) return;
    const next = await store.current();
    const known = new Map(stored.map(({ name, version }) => [name, version]));
    const kept = new Set(next.rules.map(({ name }) => name));
    const put = checked(next.rules.filter(({ name, version }) => known.get(name) !== version));
    const putNames = new Set(put.map(({ rule }) => rule.name));
    const broken = next.rules.filter(({ name, version }) => known.get(name) !== version && !putNames.has(name));
    const remove = [...stored.filter(({ name }) => !kept.has(name)), ...broken].map(({ name }) => name);
    index = changeRuleIndex(index, { put, remove }, next.version);
    stored = next.rules;
    observe({ kind: "rules-loaded", version: next.version, count: index.rules.size });
  };
  return {
    current: () => index,
    follow: async (signal) => {
      while (!signal.aborted) {
        await wait.wait(LOOK_MS, signal);
        if (!signal.aborted) await look().catch((error) => observe({ kind: "part-failed", part: "rules", error }));
      }
    },
  };
}
