/** Why a condition is not true of a change: which of its clauses said so, and what they saw. */
import { writeExactJson } from "../../events/exact-json.ts";
import type { Entity } from "../entities.ts";
import type { RuleInput } from "../rule-input.ts";
import type { Truth } from "./compile-comparison.ts";
import { compileCondition } from "./compile-condition.ts";
import { compileRaw } from "./compile-value.ts";
import { type Condition, childrenOf, isLiteral, type Value } from "./condition.ts";
import { isCondition, type Node } from "./condition-node.ts";
import { printCondition, printValue } from "./print-condition.ts";

/** One clause, and the values it was decided by as JSON text, cut at 200 characters. */
export type Clause = {
  readonly text: string;
  /** Null: unknown, since a value is null. */
  readonly truth: Truth;
  readonly values: readonly { readonly name: string; readonly value: string }[];
};

export type Explanation = {
  readonly truth: Truth;
  /** Empty where the condition is true. Of alternatives all, else the first that is false, else those that are unknown. */
  readonly clauses: readonly Clause[];
};

const CLAUSES_MAX = 8;
const VALUE_TEXT_MAX = 200;
const CLAUSE_TEXT_MAX = 300;

/** @throws TypeError for a condition that `checkCondition` would refuse */
export function explainCondition(condition: Condition, entity: Entity, input: RuleInput): Explanation {
  const truth = compileCondition(condition, entity)(input);
  if (truth === true) return { truth, clauses: [] };
  return { truth, clauses: deciding(condition, entity, input).slice(0, CLAUSES_MAX) };
}

/** @example "total > 100 is false: total is 50" */
export function explanationText({ clauses }: Explanation): string {
  return clauses
    .map(({ text, truth, values }) => {
      const seen = values.map(({ name, value }) => `${name} is ${value}`).join(", ");
      return `${text} is ${truth === null ? "unknown" : truth}${seen === "" ? "" : `: ${seen}`}`;
    })
    .join("; ");
}

function deciding(condition: Condition, entity: Entity, input: RuleInput): readonly Clause[] {
  if ((condition.kind !== "and" && condition.kind !== "or") || condition.parts.length === 0) {
    return [clauseOf(condition, entity, input)];
  }
  const parts = condition.parts.map((part) => ({ part, truth: compileCondition(part, entity)(input) }));
  const firstFalse = condition.kind === "and" ? parts.find(({ truth }) => truth === false) : undefined;
  const guilty = firstFalse ? [firstFalse] : parts.filter(({ truth }) => truth !== true);
  return guilty.flatMap(({ part }) => deciding(part, entity, input));
}

function clauseOf(condition: Condition, entity: Entity, input: RuleInput): Clause {
  const values = new Map<string, string>();
  for (const value of valuesIn(condition)) {
    values.set(printValue(value), cut(writeExactJson(compileRaw(value, entity)(input)), VALUE_TEXT_MAX));
  }
  return {
    text: cut(printCondition(condition), CLAUSE_TEXT_MAX),
    truth: compileCondition(condition, entity)(input),
    values: [...values].map(([name, value]) => ({ name, value })),
  };
}

/** The values a clause asks for, each once; of what changed, both. */
function valuesIn(node: Node): readonly Value[] {
  if (!isCondition(node))
    return isLiteral(node)
      ? []
      : node.kind === "arithmetic" || node.kind === "negate"
        ? childrenOf(node).flatMap(valuesIn)
        : [node];
  if (node.kind === "changed" || node.kind === "changed-from" || node.kind === "changed-to") {
    return [
      { ...node.field, root: "old" },
      { ...node.field, root: "new" },
    ];
  }
  return childrenOf(node).flatMap(valuesIn);
}

function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most)}…` : text;
}
