/** Whether a condition fits the entity it is for: its fields are there, and what is compared can be compared. */
import type { ChangeOperation } from "../../events/change-event.ts";
import { RULE_LIMITS } from "../../limits.ts";
import type { Entity } from "../entities.ts";
import type { Place } from "../problem.ts";
import { checkLiteral, meantLiteral } from "./check-literal.ts";
import { type Condition, childrenOf, isLiteral, type Literal, type Path, type Value } from "./condition.ts";
import { isCondition, type Node, type Places, type ReadCondition } from "./condition-node.ts";
import { checkLikePattern } from "./like.ts";
import { printValue } from "./print-condition.ts";
import { classOf, classOfLiteral, isOrdered, readingOf, type ValueClass } from "./value-class.ts";

export type ConditionProblem = {
  readonly place: Place;
  readonly message: string;
  readonly suggestion?: string | undefined;
};

/** Everything that is wrong, at the places where it was written; empty when nothing is. */
export function checkCondition(
  { condition, places }: ReadCondition,
  entity: Entity,
  operations: readonly ChangeOperation[],
): readonly ConditionProblem[] {
  const found = new ConditionCheck(entity, operations, places);
  found.measure(condition);
  if (found.problems.length === 0) found.condition(condition);
  return found.problems;
}

class ConditionCheck {
  readonly problems: ConditionProblem[] = [];
  readonly #entity: Entity;
  readonly #operations: readonly ChangeOperation[];
  readonly #places: Places;

  constructor(entity: Entity, operations: readonly ChangeOperation[], places: Places) {
    this.#entity = entity;
    this.#operations = operations;
    this.#places = places;
  }

  /** First of all: what follows recurses. */
  measure(condition: Condition): undefined {
    let nodes = 0;
    let level: readonly Node[] = [condition];
    for (let depth = 1; level.length > 0; depth += 1) {
      nodes += level.length;
      const [first] = level;
      if (depth > RULE_LIMITS.conditionDepthMax) {
        return this.#add(first, `this is deeper than ${RULE_LIMITS.conditionDepthMax} levels`);
      }
      if (nodes > RULE_LIMITS.conditionNodesMax) {
        return this.#add(condition, `a condition has at most ${RULE_LIMITS.conditionNodesMax} parts`);
      }
      const below: Node[] = [];
      for (const node of level) below.push(...childrenOf(node));
      level = below;
    }
  }

  condition(condition: Condition): undefined {
    switch (condition.kind) {
      case "compare":
        return this.#compare(condition);
      case "in":
        return this.#in(condition.value, condition.list);
      case "null":
        this.#class(condition.value);
        return;
      case "like":
        return this.#like(condition);
      case "contains":
        return this.#contains(condition);
      case "has-key":
        return this.#hasKey(condition);
      case "changed":
        this.#class(condition.field);
        return;
      case "changed-from":
      case "changed-to":
        return this.#equal(condition.field, condition.value);
      default:
        for (const part of childrenOf(condition)) if (isCondition(part)) this.condition(part);
    }
  }

  #compare(condition: Extract<Condition, { kind: "compare" }>): undefined {
    const { operator, left, right } = condition;
    const [leftClass, rightClass] = [this.#class(left), this.#class(right)];
    if (!leftClass || !rightClass) return;
    const reading = readingOf(leftClass, rightClass);
    if (reading === undefined) {
      const value = isLiteral(right) ? right : left;
      const node = isLiteral(value) ? value : condition;
      return this.#mismatch(node, [leftClass, rightClass], value, value === right ? leftClass : rightClass);
    }
    if (operator !== "eq" && operator !== "neq" && !isOrdered(reading, leftClass, rightClass)) {
      return this.#add(condition, `${nameOf(leftClass)} has no order: only = and != can be asked`);
    }
    if (isLiteral(left)) this.#literal(left, rightClass);
    if (isLiteral(right)) this.#literal(right, leftClass);
  }

  #in(value: Value, list: readonly Literal[]): undefined {
    const valueClass = this.#class(value);
    if (valueClass) for (const item of list) this.#comparable(valueClass, item);
  }

  #equal(value: Path, literal: Literal): undefined {
    const valueClass = this.#class(value);
    if (valueClass) this.#comparable(valueClass, literal);
  }

  #comparable(valueClass: ValueClass, literal: Literal): undefined {
    if (readingOf(valueClass, classOfLiteral(literal)) === undefined) {
      return this.#mismatch(literal, [valueClass, classOfLiteral(literal)], literal, valueClass);
    }
    this.#literal(literal, valueClass);
  }

  #mismatch(
    node: Node,
    [left, right]: readonly [ValueClass, ValueClass],
    value: Value,
    against: ValueClass,
  ): undefined {
    const message = `${nameOf(left)} cannot be compared with ${nameOf(right)}`;
    const meant = isLiteral(value) ? meantLiteral(value, against) : undefined;
    if (meant === undefined) return this.#add(node, message);
    const isText = "offset" in (this.#places.get(node) ?? { offset: 0 });
    const suggestion = meant.kind === "text" && !isText ? JSON.stringify(meant.text) : printValue(meant);
    this.#add(node, `${message}; did you mean ${suggestion}?`, suggestion);
  }

  #literal(literal: Literal, against: ValueClass): undefined {
    const problem = checkLiteral(literal, against);
    if (problem) this.#add(literal, problem.message, problem.suggestion);
  }

  #like(condition: Extract<Condition, { kind: "like" }>): undefined {
    const { value, pattern } = condition;
    const valueClass = this.#class(value);
    if (valueClass && !["text", "json", "text-literal"].includes(valueClass.is)) {
      return this.#add(condition, `like is for text, not for ${nameOf(valueClass)}`);
    }
    const problem = checkLikePattern(pattern);
    if (problem !== undefined) this.#add(condition, problem);
  }

  #contains(condition: Extract<Condition, { kind: "contains" }>): undefined {
    const { value, part } = condition;
    const valueClass = this.#class(value);
    if (!valueClass || valueClass.is === "json" || valueClass.is === "json-literal") return;
    if (valueClass.is === "text" || valueClass.is === "text-literal") {
      if (part.kind !== "text") this.#add(condition, "a text contains a text, in single quotes");
      return;
    }
    if (valueClass.is !== "array") return this.#add(condition, `${nameOf(valueClass)} contains nothing`);
    if (!["number", "text", "enum", "uuid", "boolean"].includes(valueClass.element.is)) {
      return this.#add(condition, "elements of this array cannot be compared");
    }
    for (const item of part.kind === "list" ? part.items : [part]) this.#comparable(valueClass.element, item);
  }

  #hasKey(condition: Extract<Condition, { kind: "has-key" }>): undefined {
    const valueClass = this.#class(condition.value);
    if (valueClass && valueClass.is !== "json") this.#add(condition, `only JSON has keys, not ${nameOf(valueClass)}`);
  }

  #class(value: Value): ValueClass | undefined {
    if (value.kind === "arithmetic" || value.kind === "negate") {
      for (const part of childrenOf(value)) if (!isCondition(part)) this.#operand(part);
    }
    if (value.kind === "path") this.#row(value);
    const found = classOf(value, this.#entity);
    if ("is" in found) return found;
    this.#add(value, found.message, found.suggestion);
    return undefined;
  }

  #operand(value: Value): undefined {
    const operand = this.#class(value);
    if (operand && operand.is !== "number" && operand.is !== "json")
      this.#add(value, `${nameOf(operand)} is not a number`);
  }

  #row(path: Path): undefined {
    const missing = WITHOUT_ROW[path.root];
    if (!this.#operations.every((operation) => missing.includes(operation))) return;
    this.#add(path, `${this.#operations.join(" and ")} has no ${path.root === "row" ? "" : `${path.root} `}row`);
  }

  #add(node: Node | undefined, message: string, suggestion?: string): undefined {
    this.problems.push({ place: (node && this.#places.get(node)) ?? { offset: 0 }, message, suggestion });
    return undefined;
  }
}

/** Operations after which there is no such row. */
const WITHOUT_ROW: Readonly<Record<Path["root"], readonly ChangeOperation[]>> = {
  old: ["insert", "truncate"],
  new: ["delete", "truncate"],
  row: ["truncate"],
  claims: [],
};

function nameOf(valueClass: ValueClass): string {
  switch (valueClass.is) {
    case "time":
      return `a ${valueClass.kind}`;
    case "array":
    case "enum":
      return `an ${valueClass.is}`;
    case "json":
    case "json-literal":
      return "JSON";
    case "text-literal":
      return "a text";
    case "other":
      return "a column of this type";
    default:
      return `a ${valueClass.is}`;
  }
}
