/** What has to change for the kept rules to become the wanted ones, and the text of it for who is asked to agree. */
import { writeExactJson } from "../events/exact-json.ts";
import type { JsonObject, JsonValue } from "../events/json.ts";
import { equalJson } from "./conditions/json-compare.ts";

/** As `writeRule` writes them. */
export type RuleDefinition = { readonly name: string; readonly definition: JsonObject };

export type FieldChange = { readonly field: string; readonly before: JsonValue; readonly after: JsonValue };

/** Each list in the order of names. */
export type RulePlan = {
  readonly added: readonly RuleDefinition[];
  readonly changed: readonly (RuleDefinition & { readonly fields: readonly FieldChange[] })[];
  readonly removed: readonly string[];
};

/** What has to change for the current rules to become the wanted ones, by name. */
export function planRules(current: readonly RuleDefinition[], wanted: readonly RuleDefinition[]): RulePlan {
  const before = new Map(current.map((rule) => [rule.name, rule.definition]));
  const names = new Set(wanted.map(({ name }) => name));
  const sorted = wanted.toSorted(byName);
  return {
    added: sorted.filter(({ name }) => !before.has(name)),
    changed: sorted.flatMap((rule) => {
      const known = before.get(rule.name);
      const fields = known === undefined ? [] : changedFields(known, rule.definition);
      return fields.length > 0 ? [{ ...rule, fields }] : [];
    }),
    removed: [...before.keys()].filter((name) => !names.has(name)).toSorted(),
  };
}

export function isEmptyPlan({ added, changed, removed }: RulePlan): boolean {
  return added.length + changed.length + removed.length === 0;
}

function changedFields(before: JsonObject, after: JsonObject): readonly FieldChange[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((field) => {
    const [old, now] = [before[field] ?? null, after[field] ?? null];
    return equalJson(old, now) ? [] : [{ field, before: old, after: now }];
  });
}

const byName = (a: RuleDefinition, b: RuleDefinition): number => (a.name < b.name ? -1 : Number(a.name > b.name));

/** One sign per rule, `+`, `~` or `-`, its fields below, and a line that counts them. */
export function planText({ added, changed, removed }: RulePlan): string {
  const lines = [
    ...added.flatMap(({ name, definition }) => [
      `+ ${name}`,
      ...Object.entries(definition).flatMap(([field, value]) =>
        field === "name" ? [] : [`    ${field}: ${shown(value)}`],
      ),
    ]),
    ...changed.flatMap(({ name, fields }) => [
      `~ ${name}`,
      ...fields.map(({ field, before, after }) => `    ${field}: ${shown(before)} → ${shown(after)}`),
    ]),
    ...removed.map((name) => `- ${name}`),
    `${added.length} to add, ${changed.length} to change, ${removed.length} to remove`,
  ];
  return lines.join("\n");
}

/** A text on one line without quotes, where it is one; the rest as JSON. */
function shown(value: JsonValue): string {
  return typeof value === "string" && /^\P{Cc}+$/u.test(value) ? value : writeExactJson(value);
}
