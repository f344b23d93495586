/** The text form of a condition, read by recursive descent; docs/reference/conditions.md holds its grammar. */
import { RULE_LIMITS } from "../../limits.ts";
import { WrittenWrong } from "../problem.ts";
import {
  type ArithmeticOperator,
  type Comparison,
  type Condition,
  combine,
  isLiteral,
  type Literal,
  type Part,
  type Path,
  type Value,
} from "./condition.ts";
import { isCondition, type Node, type ReadCondition } from "./condition-node.ts";
import { ConditionTokens } from "./condition-tokens.ts";
import { ARITHMETIC_SIGNS, COMPARISON_SIGNS } from "./condition-words.ts";
import { jsonLiteral, negated, numberLiteral, textLiteral } from "./literal.ts";

/**
 * @returns the tree, and where each of its nodes begins in the text.
 * @throws WrittenWrong with the offset of the first thing that is wrong
 */
export function parseCondition(text: string): ReadCondition {
  if (text.length > RULE_LIMITS.conditionTextMax) {
    throw new WrittenWrong({ offset: 0 }, `a condition has at most ${RULE_LIMITS.conditionTextMax} characters`);
  }
  const reader = new ConditionReader(text);
  return { condition: reader.whole(), places: reader.tokens.places };
}

/** A path alone, as the JSON form names its fields. */
export function parsePath(text: string): Value {
  const reader = new ConditionReader(text);
  const value = reader.path();
  reader.tokens.expectEnd();
  return value;
}

const COMPARISONS = bySign(COMPARISON_SIGNS);
const { add, subtract, ...products } = ARITHMETIC_SIGNS;
const SUMS = bySign({ add, subtract });
const PRODUCTS = bySign(products);

function bySign<Name extends string>(signs: Readonly<Record<Name, string>>): ReadonlyMap<string, Name> {
  return new Map((Object.keys(signs) as Name[]).map((name) => [signs[name], name]));
}

class ConditionReader {
  readonly tokens: ConditionTokens;

  constructor(text: string) {
    this.tokens = new ConditionTokens(text);
  }

  whole(): Condition {
    const condition = this.#condition(this.#either());
    this.tokens.expectEnd();
    return condition;
  }

  path(): Value {
    return this.tokens.path();
  }

  #either(): Node {
    return this.tokens.nested(() => this.#joined("or", "||", () => this.#joined("and", "&&", () => this.#not())));
  }

  #joined(kind: "and" | "or", sign: string, part: () => Node): Node {
    const start = this.tokens.offset;
    const first = part();
    if (!this.tokens.sees(sign)) return first;
    const parts = [this.#condition(first)];
    while (this.tokens.skip(sign)) parts.push(this.#condition(part()));
    return this.tokens.placed(combine(kind, parts), start);
  }

  #not(): Node {
    const start = this.tokens.offset;
    if (!this.tokens.skip("!")) return this.#comparison();
    const part = this.tokens.nested(() => this.#condition(this.#not()));
    return this.tokens.placed({ kind: "not", part }, start);
  }

  #comparison(): Node {
    const start = this.tokens.offset;
    const left = this.#sum();
    const operator = this.tokens.skipOneOf(COMPARISONS);
    const compared = operator === undefined ? this.#worded(left) : this.#compared(operator, left);
    if (compared === undefined) return left;
    if (this.tokens.oneOf(COMPARISONS)) this.tokens.fail("comparisons do not follow one another; join them by &&");
    return this.tokens.placed(compared, start);
  }

  #compared(operator: Comparison, left: Node): Condition {
    if (this.tokens.sees("null"))
      this.tokens.fail("nothing compares with null; write `is null` or `is not null`", "is null");
    return { kind: "compare", operator, left: this.#value(left), right: this.#value(this.#sum()) };
  }

  /** `is null`, `in`, `like` and their negations. */
  #worded(left: Node): Condition | undefined {
    if (this.tokens.skip("is")) {
      const negated = this.tokens.skip("not");
      this.tokens.expect("null");
      return { kind: "null", negated, value: this.#value(left) };
    }
    if (this.tokens.skip("not")) {
      this.tokens.expect("in");
      return { kind: "in", negated: true, value: this.#value(left), list: this.#list("(", ")") };
    }
    if (this.tokens.skip("in")) {
      return { kind: "in", negated: false, value: this.#value(left), list: this.#list("(", ")") };
    }
    const caseless = this.tokens.sees("ilike");
    if (!this.tokens.skip("like") && !this.tokens.skip("ilike")) return undefined;
    return {
      kind: "like",
      caseless,
      value: this.#value(left),
      pattern: this.tokens.text("a pattern in single quotes"),
    };
  }

  #list(open: string, close: string): readonly Literal[] {
    this.tokens.expect(open);
    const items: Literal[] = [];
    if (this.tokens.skip(close)) return items;
    do {
      if (items.length >= RULE_LIMITS.listItemsMax)
        this.tokens.fail(`a list has at most ${RULE_LIMITS.listItemsMax} values`);
      items.push(this.#literal());
    } while (this.tokens.skip(","));
    this.tokens.expect(close);
    return items;
  }

  #sum(): Node {
    return this.#chain(SUMS, () => this.#chain(PRODUCTS, () => this.#signed()));
  }

  #chain(signs: ReadonlyMap<string, ArithmeticOperator>, part: () => Node): Node {
    const start = this.tokens.offset;
    let left = part();
    for (;;) {
      const operator = this.tokens.skipOneOf(signs);
      if (operator === undefined) return left;
      left = this.tokens.placed(
        { kind: "arithmetic", operator, left: this.#value(left), right: this.#value(part()) },
        start,
      );
    }
  }

  #signed(): Node {
    const start = this.tokens.offset;
    if (!this.tokens.skip("-")) return this.#primary();
    const value = this.tokens.nested(() => this.#value(this.#signed()));
    return this.tokens.placed(value.kind === "number" ? negated(value) : { kind: "negate", value }, start);
  }

  #primary(): Node {
    const start = this.tokens.offset;
    if (this.tokens.skip("(")) {
      const inner = this.#either();
      this.tokens.expect(")");
      return inner;
    }
    const call = this.tokens.callName();
    if (call !== undefined) return this.tokens.placed(this.#call(call), start);
    return this.tokens.seesLiteral() ? this.#literal() : this.tokens.path();
  }

  #call(name: string): Condition {
    this.tokens.expect("(");
    const condition = this.#called(name);
    this.tokens.expect(")");
    return condition;
  }

  #called(name: string): Condition {
    if (name === "contains" || name === "has_key") {
      const value = this.#value(this.#sum());
      this.tokens.expect(",");
      return name === "contains"
        ? { kind: "contains", value, part: this.#part() }
        : { kind: "has-key", value, key: this.tokens.text("a key in single quotes") };
    }
    const field = this.#field();
    if (name === "changed") return { kind: "changed", field };
    this.tokens.expect(",");
    return { kind: name === "changed_from" ? "changed-from" : "changed-to", field, value: this.#literal() };
  }

  #field(): Path {
    const start = this.tokens.offset;
    const path = this.tokens.path();
    if (path.kind === "path" && path.root === "row") return path;
    throw new WrittenWrong({ offset: start }, "what changed is a field of the row, without old or new before it");
  }

  #part(): Part {
    return this.tokens.sees("[") ? { kind: "list", items: this.#list("[", "]") } : this.#literal();
  }

  #literal(): Literal {
    const start = this.tokens.offset;
    const minus = this.tokens.skip("-");
    const token = this.tokens.next();
    const place = { offset: token.offset };
    if (token.kind === "number") {
      const number = numberLiteral(token.text, place);
      return this.tokens.placed(minus ? negated(number) : number, start);
    }
    if (!minus && token.kind === "text") return this.tokens.placed(textLiteral(token.text, place), start);
    if (!minus && token.kind === "name" && (token.text === "true" || token.text === "false")) {
      return this.tokens.placed({ kind: "boolean", value: token.text === "true" }, start);
    }
    if (minus || token.kind !== "name" || token.text !== "json") {
      throw new WrittenWrong(place, "expected a value: a text in single quotes, a number, true, false or json('…')");
    }
    this.tokens.expect("(");
    const literal = jsonLiteral(this.tokens.text("JSON in single quotes"), place);
    this.tokens.expect(")");
    return this.tokens.placed(literal, start);
  }

  #value(node: Node): Value {
    if (!isCondition(node)) return node;
    throw new WrittenWrong(this.tokens.placeOf(node), "expected a value here, not a condition");
  }

  /** A value that stands where a condition should is asked whether it is true. */
  #condition(node: Node): Condition {
    if (isCondition(node)) return node;
    const place = this.tokens.placeOf(node);
    if (node.kind === "boolean")
      return this.tokens.placed({ kind: node.value ? "and" : "or", parts: [] }, place.offset);
    if (isLiteral(node) || node.kind !== "path")
      throw new WrittenWrong(place, "expected a condition: compare this with something");
    const right: Value = { kind: "boolean", value: true };
    return this.tokens.placed({ kind: "compare", operator: "eq", left: node, right }, place.offset);
  }
}
