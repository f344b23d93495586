import type { JsonObject, JsonValue } from "../events/json.ts";
import { RULE } from "./rule.ts";

const NAME = /^[A-Za-z_$][\w$]*$/;

/**
 * The module that `fraiseql rules apply` reads, of rules as they are kept: with every default written out.
 *
 * @param builder - what it imports `defineRules` from
 */
export function writeRulesFile(rules: readonly JsonObject[], builder = "fraiseql"): string {
  const written = rules.map((rule) => `  ${literal(inOrderOfForm(rule), "  ")},\n`).join("");
  return `import { defineRules } from ${JSON.stringify(builder)};\n\nexport const rules = defineRules([\n${written}]);\n`;
}

/** A store keeps keys in an order of its own: who a rule is and what it does stands first, an action's kind before its options. */
function inOrderOfForm({ actions, ...rule }: JsonObject): JsonObject {
  const given = { ...rule, actions: Array.isArray(actions) ? actions.map(kindFirst) : [] };
  const names = Object.keys(RULE.shape);
  const place = (name: string) => names.indexOf(name);
  return Object.fromEntries(Object.entries(given).toSorted(([one], [other]) => place(one) - place(other)));
}

function kindFirst(action: JsonValue): JsonValue {
  const { kind = null, ...options } = action as JsonObject;
  return { kind, ...options };
}

function literal(value: JsonValue, indent: string): string {
  const inner = `${indent}  `;
  if (Array.isArray(value))
    return bracketed(
      "[",
      value.map((each) => literal(each, inner)),
      "]",
      indent,
    );
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value as JsonObject).map(
    ([name, each]) => `${NAME.test(name) ? name : JSON.stringify(name)}: ${literal(each, inner)}`,
  );
  return bracketed("{ ", entries, " }", indent);
}

/** On one line if it is short. */
function bracketed(open: string, items: readonly string[], close: string, indent: string): string {
  if (items.length === 0) return `${open}${close}`.replaceAll(" ", "");
  const flat = `${open}${items.join(", ")}${close}`;
  if (!flat.includes("\n") && flat.length < 80) return flat;
  return `${open.trim()}\n${items.map((item) => `${indent}  ${item},\n`).join("")}${indent}${close.trim()}`;
}
