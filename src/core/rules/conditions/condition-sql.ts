/** A condition as an SQL expression over the columns themselves: what evaluation is held against, row by row. */
import { type Fragment, identifier, join, sql } from "../../sql/fragment.ts";
import type { Entity } from "../entities.ts";
import { knownClass } from "./compile-value.ts";
import type { Comparison, Condition, Literal, Part, Path, Value } from "./condition.ts";
import { classOfLiteral, isBlankPadded, type Reading, readingOf } from "./value-class.ts";
import { type ConditionRows, ValueSql } from "./value-sql.ts";

const SIGNS: Readonly<Record<Comparison, Fragment>> = {
  eq: sql`=`,
  neq: sql`<>`,
  gt: sql`>`,
  gte: sql`>=`,
  lt: sql`<`,
  lte: sql`<=`,
};

/**
 * True, false or null for the same rows as the compiled condition, on PostgreSQL 17 and above.
 *
 * @throws TypeError for a condition that `checkCondition` would refuse
 */
export function conditionToSql(condition: Condition, entity: Entity, rows: ConditionRows): Fragment {
  return new ConditionSql(entity, rows).condition(condition);
}

class ConditionSql {
  readonly #values: ValueSql;
  readonly #entity: Entity;

  constructor(entity: Entity, rows: ConditionRows) {
    this.#values = new ValueSql(entity, rows);
    this.#entity = entity;
  }

  condition(condition: Condition): Fragment {
    switch (condition.kind) {
      case "and":
        return condition.parts.length === 0
          ? sql`true`
          : sql`(${join(condition.parts.map(this.condition, this), " and ")})`;
      case "or":
        return condition.parts.length === 0
          ? sql`false`
          : sql`(${join(condition.parts.map(this.condition, this), " or ")})`;
      case "not":
        return sql`(not ${this.condition(condition.part)})`;
      case "compare":
        return this.#compare(condition.operator, condition.left, condition.right);
      case "in": {
        if (condition.list.length === 0) return condition.negated ? sql`true` : sql`false`;
        const equal = sql`(${join(
          condition.list.map((item) => this.#compare("eq", condition.value, item)),
          " or ",
        )})`;
        return condition.negated ? sql`(not ${equal})` : equal;
      }
      case "null": {
        const value = this.#values.whole(condition.value);
        return condition.negated ? sql`(${value} is not null)` : sql`(${value} is null)`;
      }
      case "like": {
        const [value, pattern] = [this.#values.as(condition.value, "text"), this.#values.text(condition.pattern)];
        if (!condition.caseless) return sql`(${value} collate "C" like ${pattern})`;
        return sql`(${value} collate "pg_c_utf8" ilike ${pattern})`;
      }
      case "contains":
        return this.#contains(condition.value, condition.part);
      case "has-key":
        return sql`jsonb_exists(${this.#values.as(condition.value, "json")}, ${this.#values.text(condition.key)})`;
      default:
        return this.#changed(condition);
    }
  }

  #compare(operator: Comparison, left: Value, right: Value): Fragment {
    const [leftClass, rightClass] = [knownClass(left, this.#entity), knownClass(right, this.#entity)];
    const as = readingOf(leftClass, rightClass);
    if (as === undefined) throw new TypeError("the condition compares what cannot be compared");
    const [a, b] = [this.#values.as(left, as, rightClass), this.#values.as(right, as, leftClass)];
    return sql`(${a} ${SIGNS[operator]} ${b}${as === "text" ? sql` collate "C"` : sql``})`;
  }

  #contains(value: Value, part: Part): Fragment {
    const known = knownClass(value, this.#entity);
    if (known.is === "text" || known.is === "text-literal") {
      return sql`(strpos(${this.#values.as(value, "text")}, ${this.#values.text(part.kind === "text" ? part.text : "")}) > 0)`;
    }
    if (known.is !== "array") return sql`(${this.#values.as(value, "json")} @> ${this.#values.jsonPart(part)})`;
    const literals = part.kind === "list" ? part.items : [part];
    const [first] = literals;
    const as = first === undefined ? "text" : (readingOf(known.element, classOfLiteral(first)) ?? "text");
    const list = join(
      literals.map((literal) => this.#values.as(literal, as, known.element)),
      ", ",
    );
    const type = isBlankPadded(known.element) ? identifier("bpchar") : ELEMENTS[as];
    return sql`(${this.#values.whole(value)}::text::${type}[] @> array[${list}]::${type}[])`;
  }

  #changed(condition: Extract<Condition, { kind: "changed" | "changed-from" | "changed-to" }>): Fragment {
    const [before, after]: [Path, Path] = [
      { ...condition.field, root: "old" },
      { ...condition.field, root: "new" },
    ];
    const distinct = sql`(${this.#values.identity(before)} is distinct from ${this.#values.identity(after)})`;
    if (condition.kind === "changed") return distinct;
    const equal = this.#compare(
      "eq",
      condition.kind === "changed-from" ? before : after,
      condition.value satisfies Literal,
    );
    return sql`(${distinct} and ${equal})`;
  }
}

const ELEMENTS: Readonly<Record<Reading, Fragment>> = {
  number: identifier("numeric"),
  text: identifier("text"),
  boolean: identifier("bool"),
  time: identifier("text"),
  json: identifier("jsonb"),
};
