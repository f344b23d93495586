/** The one validation of rules, for files, for the API and for rules read back from where they are kept. */

import { ExactNumber, type JsonObject, type JsonValue } from "../events/json.ts";
import { formProblems } from "../form-problems.ts";
import { type ConditionProblem, checkCondition } from "./conditions/check-condition.ts";
import { ALWAYS, type Condition } from "./conditions/condition.ts";
import { readConditionJson } from "./conditions/condition-json.ts";
import { parseCondition } from "./conditions/parse-condition.ts";
import { printCondition } from "./conditions/print-condition.ts";
import { writeConditionJson } from "./conditions/write-condition-json.ts";
import type { Entities, Entity } from "./entities.ts";
import { placedProblem, type RuleProblem, unknownName, WrittenWrong } from "./problem.ts";
import { RULE, type Rule, type RuleAction } from "./rule.ts";
import { brokenTexts, missingValues, withoutMissing } from "./storable.ts";
import { checkTemplate } from "./templates/check-template.ts";
import type { TemplateTarget } from "./templates/template.ts";

/** What rules know of a kind of action. */
export type ActionKind = {
  /** The options in which templates may stand, in all texts within, and where those texts go. */
  readonly templates: Readonly<Record<string, TemplateTarget>>;
  /** What is wrong with the options, templates apart; paths begin at the options. */
  check(options: JsonObject): readonly RuleProblem[];
};

/** What the rules of this deployment can name. */
export type RuleScope = {
  readonly entities: Entities;
  readonly actions: ReadonlyMap<string, ActionKind>;
};

export type CheckedRule = { readonly rule: Rule } | { readonly problems: readonly RuleProblem[] };

/** @param input what a file, a request or a store gave: nothing about it is taken for granted. */
export function checkRule(input: unknown, scope: RuleScope): CheckedRule {
  const parsed = RULE.safeParse(input);
  if (!parsed.success) return { problems: formProblems(RULE, input, "key") };
  const form = parsed.data;
  const broken = brokenTexts(input);
  if (broken.length > 0) return { problems: broken };
  const entity = scope.entities.get(form.entity);
  if (entity === undefined) {
    return { problems: [{ path: ["entity"], ...unknownName("entity", form.entity, scope.entities.keys()) }] };
  }
  if (entity.unobserved !== undefined) return { problems: [{ path: ["entity"], message: entity.unobserved }] };
  // As they were given: a reader of forms leaves out keys such as `__proto__`, which must be refused, not forgotten.
  const given = input as { readonly condition?: JsonValue; readonly actions: readonly JsonObject[] };
  const operations = [...new Set(form.operations)];
  const read = readCondition(given.condition, entity, operations);
  const actions = given.actions.map(actionOf);
  const problems = [
    ...read.problems,
    ...actions.flatMap((action, index) => actionProblems(action, ["actions", index], scope, { entity, operations })),
  ];
  if (problems.length > 0 || read.condition === undefined) return { problems };
  const conditionForm = typeof given.condition === "object" ? "json" : "text";
  return { rule: { ...form, entity, operations, condition: read.condition, conditionForm, actions } };
}

/** Reads and checks a condition alone, for example one that is being typed. */
export function readCondition(
  given: JsonValue | undefined,
  entity: Entity,
  operations: Rule["operations"],
): { readonly condition?: Condition; readonly problems: readonly RuleProblem[] } {
  const text = typeof given === "string" ? given : undefined;
  const placed = (problem: ConditionProblem) => placedProblem(problem, ["condition"], text);
  try {
    if (given === undefined || text?.trim() === "") return { condition: ALWAYS, problems: [] };
    const missing = missingValues(given, ["condition"]);
    if (missing.length > 0) return { problems: missing };
    const read = text === undefined ? readConditionJson(given) : parseCondition(text);
    const problems = checkCondition(read, entity, operations).map(placed);
    return problems.length > 0 ? { problems } : { condition: read.condition, problems };
  } catch (error) {
    if (!(error instanceof WrittenWrong)) throw error;
    return { problems: [placed(error)] };
  }
}

function actionOf({ kind, ...options }: JsonObject): RuleAction {
  return { kind: String(kind), options: withoutMissing(options) as JsonObject };
}

type Keys = readonly (string | number)[];
type TemplateScope = Pick<Rule, "entity" | "operations">;

function actionProblems(
  { kind, options }: RuleAction,
  path: Keys,
  { actions }: RuleScope,
  rule: TemplateScope,
): readonly RuleProblem[] {
  const known = actions.get(kind);
  if (known === undefined) return [{ path: [...path, "kind"], ...unknownKind(kind, actions) }];
  const rounded = roundedNumbers(options, path);
  if (rounded.length > 0) return rounded;
  const problems = known.check(options).map((problem) => ({ ...problem, path: [...path, ...problem.path] }));
  const templates = Object.entries(known.templates).flatMap(([option, target]) =>
    Object.hasOwn(options, option) ? templateProblems(options[option] ?? null, [...path, option], target, rule) : [],
  );
  return [...problems, ...templates];
}

/** Rules are read by readers of JSON that know doubles only. */
function roundedNumbers(value: JsonValue, path: Keys): readonly RuleProblem[] {
  if (value instanceof ExactNumber)
    return [{ path, message: `${value.digits.slice(0, 60)} would be rounded; write it as a text` }];
  if (typeof value !== "object" || value === null || path.length > OPTIONS_DEPTH_MAX + 2) return [];
  return Object.entries(value).flatMap(([key, each]) =>
    roundedNumbers(each, [...path, Array.isArray(value) ? Number(key) : key]),
  );
}

/** Kinds that are only there with these settings. */
const SETTINGS: Readonly<Record<string, string>> = { email: "smtp.url and smtp.from", publish: "nats.url" };

function unknownKind(kind: string, actions: RuleScope["actions"]): Pick<RuleProblem, "message" | "suggestion"> {
  if (!Object.hasOwn(SETTINGS, kind)) return unknownName("kind of action", kind, actions.keys());
  return { message: `actions of kind ${kind} need ${SETTINGS[kind]} in the configuration` };
}

const OPTIONS_DEPTH_MAX = 16;

function templateProblems(
  value: JsonValue,
  path: Keys,
  target: TemplateTarget,
  rule: TemplateScope,
): readonly RuleProblem[] {
  if (path.length > OPTIONS_DEPTH_MAX + 2) return [{ path, message: "this is nested too deep" }];
  if (typeof value === "string") return checkTemplate(value, target, rule.entity, rule.operations, path);
  if (typeof value !== "object" || value === null || value instanceof ExactNumber) return [];
  return Object.entries(value).flatMap(([key, each]) =>
    templateProblems(each, [...path, Array.isArray(value) ? Number(key) : key], target, rule),
  );
}

/** The rule as `checkRule` reads it, with every default written out: how rules are kept and compared. */
export function writeRule({ entity, condition, conditionForm, actions, ...rule }: Rule): JsonObject {
  return {
    ...(rule as unknown as JsonObject),
    entity: entity.name,
    condition: conditionForm === "text" ? printCondition(condition) : writeConditionJson(condition),
    actions: actions.map(({ kind, options }) => ({ kind, ...options })),
  };
}
