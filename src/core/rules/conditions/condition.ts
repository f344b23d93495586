/**
 * The condition of a rule as a tree. There are two ways to write one, as text (`parse-condition.ts`) and as JSON
 * (`condition-json.ts`); both give this tree and are printed from it. docs/reference/conditions.md is the language.
 */
import type { JsonValue } from "../../events/json.ts";

export const COMPARISONS = ["eq", "neq", "gt", "gte", "lt", "lte"] as const;
export type Comparison = (typeof COMPARISONS)[number];

const ARITHMETIC_OPERATORS = ["add", "subtract", "multiply", "divide", "remainder"] as const;
export type ArithmeticOperator = (typeof ARITHMETIC_OPERATORS)[number];

/** `row` is what a name alone means: the old row of a delete, else the new one. */
export type PathRoot = "row" | "old" | "new" | "claims";

/** A value in a row or in the claims. Under the rows the first step is a column, the others go into its JSON. */
export type Path = {
  readonly kind: "path";
  readonly root: PathRoot;
  readonly steps: readonly (string | number)[];
};

export type Literal =
  | { readonly kind: "text"; readonly text: string }
  /** Plain decimal digits without leading or trailing zeros: no length loses a digit. */
  | { readonly kind: "number"; readonly digits: string }
  | { readonly kind: "boolean"; readonly value: boolean }
  | { readonly kind: "json"; readonly value: JsonValue };

export type Value =
  | Path
  | Literal
  /** insert, update, delete or truncate. */
  | { readonly kind: "op" }
  /** When the rule is decided. */
  | { readonly kind: "now" }
  | { readonly kind: "negate"; readonly value: Value }
  | {
      readonly kind: "arithmetic";
      readonly operator: ArithmeticOperator;
      readonly left: Value;
      readonly right: Value;
    };

/** What `contains` looks for: a text or an element, elements, or JSON. */
export type Part = Literal | { readonly kind: "list"; readonly items: readonly Literal[] };

export type Condition =
  /** Of nothing: true. Never of one part. */
  | { readonly kind: "and"; readonly parts: readonly Condition[] }
  /** Of nothing: false. Never of one part. */
  | { readonly kind: "or"; readonly parts: readonly Condition[] }
  | { readonly kind: "not"; readonly part: Condition }
  | { readonly kind: "compare"; readonly operator: Comparison; readonly left: Value; readonly right: Value }
  | { readonly kind: "in"; readonly negated: boolean; readonly value: Value; readonly list: readonly Literal[] }
  | { readonly kind: "null"; readonly negated: boolean; readonly value: Value }
  | { readonly kind: "like"; readonly caseless: boolean; readonly value: Value; readonly pattern: string }
  | { readonly kind: "contains"; readonly value: Value; readonly part: Part }
  | { readonly kind: "has-key"; readonly value: Value; readonly key: string }
  /** The field's root is `row`. */
  | { readonly kind: "changed"; readonly field: Path }
  | { readonly kind: "changed-from" | "changed-to"; readonly field: Path; readonly value: Literal };

export const ALWAYS: Condition = { kind: "and", parts: [] };

/** `and` and `or` of one part are that part. */
export function combine(kind: "and" | "or", parts: readonly Condition[]): Condition {
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : { kind, parts };
}

/** Whether a value stands for itself: the same for every event. */
export function isLiteral(value: Value): value is Literal {
  return ["text", "number", "boolean", "json"].includes(value.kind);
}

/** The parts of a node, conditions and values alike, in the order they are written. */
export function childrenOf(node: Condition | Value): readonly (Condition | Value)[] {
  switch (node.kind) {
    case "and":
    case "or":
      return node.parts;
    case "not":
      return [node.part];
    case "compare":
    case "arithmetic":
      return [node.left, node.right];
    case "in":
    case "null":
    case "like":
    case "contains":
    case "has-key":
    case "negate":
      return [node.value];
    case "changed":
      return [node.field];
    case "changed-from":
    case "changed-to":
      return [node.field, node.value];
    default:
      return [];
  }
}
