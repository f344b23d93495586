import { ExactNumber, type JsonObject, type JsonValue } from "../../events/json.ts";
import { renderTemplate, type TemplateInput } from "./render-template.ts";
import { parseTemplate, type TemplateTarget } from "./template.ts";

/**
 * The options of an action with the templates in them filled.
 *
 * @param targets the options that may hold templates, in all texts within, and what their values are escaped for
 */
export function renderOptions(
  options: JsonObject,
  targets: Readonly<Record<string, TemplateTarget>>,
  input: TemplateInput,
): JsonObject {
  const rendered = Object.entries(options).map(([name, value]) => {
    const target = Object.hasOwn(targets, name) ? targets[name] : undefined;
    return [name, target === undefined ? value : filled(value, target, input)];
  });
  return Object.fromEntries(rendered);
}

function filled(value: JsonValue, target: TemplateTarget, input: TemplateInput): JsonValue {
  if (typeof value === "string")
    return value.includes("{{") ? renderTemplate(parseTemplate(value), target, input) : value;
  if (Array.isArray(value)) return value.map((each) => filled(each, target, input));
  if (typeof value !== "object" || value === null || value instanceof ExactNumber) return value;
  return Object.fromEntries(
    Object.entries(value as JsonObject).map(([name, each]) => [name, filled(each, target, input)]),
  );
}
