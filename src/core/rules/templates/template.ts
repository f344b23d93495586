/** Texts with `{{ new.total }}` in them, read. */
import { RULE_LIMITS } from "../../limits.ts";
import type { Path } from "../conditions/condition.ts";
import { ConditionTokens } from "../conditions/condition-tokens.ts";
import { unknownName, WrittenWrong } from "../problem.ts";

/** Where a text goes: each has other characters that mean something. */
export type TemplateTarget = "text" | "json" | "url" | "header" | "html";

/** What of an event itself a template may name. */
export const EVENT_FIELDS = ["id", "entity", "table", "org", "occurredAt", "traceparent"] as const;

export type TemplateValue =
  | Path
  | { readonly kind: "op" }
  | { readonly kind: "now" }
  | { readonly kind: "event"; readonly field: (typeof EVENT_FIELDS)[number] }
  | { readonly kind: "rule-name" }
  /** `{{ '{{' }}` writes two braces. */
  | { readonly kind: "text"; readonly text: string };

/** `offset` is where the value begins in the template. */
export type Hole = { readonly value: TemplateValue; readonly offset: number };

/** `texts` has one more than `holes`: they alternate, a text first. */
export type Template = { readonly texts: readonly string[]; readonly holes: readonly Hole[] };

/** @throws WrittenWrong with the offset of what is wrong */
export function parseTemplate(text: string): Template {
  if (text.length > RULE_LIMITS.templateTextMax) {
    throw new WrittenWrong({ offset: 0 }, `a template has at most ${RULE_LIMITS.templateTextMax} characters`);
  }
  const texts: string[] = [];
  const holes: Hole[] = [];
  let from = 0;
  for (let open = text.indexOf("{{"); open >= 0; open = text.indexOf("{{", from)) {
    if (holes.length >= RULE_LIMITS.templateHolesMax) {
      throw new WrittenWrong({ offset: open }, `a template has at most ${RULE_LIMITS.templateHolesMax} values`);
    }
    const close = closing(text, open + 2);
    if (close < 0) throw new WrittenWrong({ offset: open }, "this {{ has no }}");
    texts.push(text.slice(from, open));
    holes.push(readHole(text.slice(open + 2, close), open + 2));
    from = close + 2;
  }
  return { texts: [...texts, text.slice(from)], holes };
}

/** The `}}` that is not within quotes. */
function closing(text: string, from: number): number {
  let quote = "";
  for (let at = from; at < text.length; at += 1) {
    const char = text[at] as string;
    if (quote !== "") quote = char === quote ? "" : quote;
    else if (char === "'" || char === '"') quote = char;
    else if (char === "}" && text[at + 1] === "}") return at;
  }
  return -1;
}

function readHole(text: string, start: number): Hole {
  try {
    const tokens = new ConditionTokens(text);
    const offset = start + tokens.offset;
    const value = tokens.seesText() ? ({ kind: "text", text: tokens.text("a text") } as const) : templatePath(tokens);
    tokens.expectHoleEnd();
    return { value, offset };
  } catch (error) {
    if (!(error instanceof WrittenWrong) || !("offset" in error.place)) throw error;
    throw new WrittenWrong({ offset: start + error.place.offset }, error.message, error.suggestion);
  }
}

const ROOTS = ["new", "old", "op", "now", "claims", "event", "rule"];

function templatePath(tokens: ConditionTokens): TemplateValue {
  const { offset } = tokens;
  const value = tokens.path();
  if (value.kind === "op" || value.kind === "now") return value;
  if (value.kind !== "path") throw new WrittenWrong({ offset }, "expected a value such as new.total");
  if (value.root !== "row") return value;
  const [root = "", name = "", ...others] = value.steps.map(String);
  if (root === "rule" && name === "name" && others.length === 0) return { kind: "rule-name" };
  if (root === "rule") throw new WrittenWrong({ offset }, "of a rule there is rule.name", "rule.name");
  if (root === "event") {
    const field = EVENT_FIELDS.find((each) => each === name);
    if (field !== undefined && others.length === 0) return { kind: "event", field };
    const { message, suggestion } = unknownName("field of event", [name, ...others].join("."), EVENT_FIELDS);
    throw new WrittenWrong({ offset }, message, suggestion);
  }
  const { message, suggestion } = unknownName("root", root, ROOTS);
  throw new WrittenWrong({ offset }, `${message}${suggestion ? "" : "; a field is new.… or old.…"}`, suggestion);
}

/** Whether a piece of JSON text ends inside of a string; a backslash takes the character behind it. */
export function endsQuoted(text: string, begins: boolean): boolean {
  let quoted = begins;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === '"') quoted = !quoted;
  }
  return quoted;
}
