/** The values of a condition as SQL, each read as the kind it is compared as. */
import { writeExactJson } from "../../events/exact-json.ts";
import { columnOf, type Fragment, integer, parameter, sql } from "../../sql/fragment.ts";
import type { Entity } from "../entities.ts";
import { jsonOfLiteral } from "./compile-condition.ts";
import { knownClass } from "./compile-value.ts";
import type { ArithmeticOperator, Part, Path, Value } from "./condition.ts";
import { literalText, type Reading, type ValueClass } from "./value-class.ts";

/** Where the roots of a condition stand in the statement. */
export type ConditionRows = {
  readonly old: Fragment;
  readonly new: Fragment;
  /** A text. */
  readonly operation: Fragment;
  /** A `jsonb`. */
  readonly claims: Fragment;
  /** A `timestamptz`. */
  readonly now: Fragment;
};

const KINDS = { date: sql`date`, timestamp: sql`timestamp`, timestamptz: sql`timestamptz` } as const;

export class ValueSql {
  readonly #entity: Entity;
  readonly #rows: ConditionRows;

  constructor(entity: Entity, rows: ConditionRows) {
    this.#entity = entity;
    this.#rows = rows;
  }

  text(text: string): Fragment {
    return sql`${parameter({ key: `text ${text}`, read: () => text })}::text`;
  }

  jsonPart(part: Part): Fragment {
    const json = part.kind === "list" ? part.items.map(jsonOfLiteral) : jsonOfLiteral(part);
    return sql`${this.text(writeExactJson(json))}::jsonb`;
  }

  as(value: Value, reading: Reading, other?: ValueClass): Fragment {
    switch (reading) {
      case "number":
        return this.#number(value);
      case "text":
        return this.#text(value, other);
      case "boolean":
        if (value.kind === "boolean") return value.value ? sql`true` : sql`false`;
        return this.#isJson(value) ? this.#ofKind(value, sql`'boolean'`, sql`::bool`) : this.#column(value);
      case "time":
        return this.#time(value, other);
      case "json":
        return value.kind === "json" ? this.jsonPart(value) : sql`nullif(${this.#json(value)}, 'null'::jsonb)`;
    }
  }

  /** For `is null`: the value itself, where `null` of JSON is null too. */
  whole(value: Value): Fragment {
    if (value.kind === "negate" || value.kind === "arithmetic" || value.kind === "number") return this.#number(value);
    return this.#isJson(value) ? this.as(value, "json") : this.#column(value);
  }

  /** For `is distinct from`: equal where the condition language finds two values equal. */
  identity(path: Path): Fragment {
    const known = knownClass(path, this.#entity);
    if (known.is === "number") return this.#number(path);
    if (known.is === "array" || known.is === "other") return sql`to_jsonb(${this.#column(path)})`;
    if (known.is === "text" || known.is === "enum" || known.is === "uuid") return sql`${this.#text(path)} collate "C"`;
    return this.whole(path);
  }

  #number(value: Value): Fragment {
    switch (value.kind) {
      case "number":
        return sql`${this.text(value.digits)}::numeric`;
      case "negate":
        return sql`(- ${this.#number(value.value)})`;
      case "arithmetic":
        return ARITHMETIC_SQL[value.operator](this.#number(value.left), this.#number(value.right));
      default:
        if (this.#isJson(value)) return this.#ofKind(value, sql`'number'`, sql`::numeric`);
        // Through text: a cast from float8 to numeric keeps 15 digits only.
        return sql`${this.#column(value)}::text::numeric`;
    }
  }

  #text(value: Value, other?: ValueClass): Fragment {
    if (value.kind === "text") return this.text(literalText(value.text, other));
    return this.#isJson(value) ? this.#ofKind(value, sql`'string'`, sql`#>> '{}'`) : sql`${this.#column(value)}::text`;
  }

  #time(value: Value, other?: ValueClass): Fragment {
    const known = value.kind === "text" ? other : knownClass(value, this.#entity);
    const kind = known?.is === "time" ? known.kind : "timestamptz";
    const read = value.kind === "text" ? sql`${this.text(value.text)}::${KINDS[kind]}` : this.#column(value);
    return kind === "date" ? sql`${read}::timestamp` : read;
  }

  #ofKind(value: Value, kind: Fragment, cast: Fragment): Fragment {
    const json = this.#json(value);
    return sql`(case when jsonb_typeof(${json}) = ${kind} then (${json})${cast} end)`;
  }

  #isJson(value: Value): boolean {
    return value.kind === "path" && knownClass(value, this.#entity).is === "json";
  }

  #json(value: Value): Fragment {
    if (value.kind !== "path") return sql`to_jsonb(${this.#column(value)})`;
    const [first, ...inside] = value.steps;
    const claims = sql`(${this.#rows.claims} -> ${this.text(String(first))})`;
    const top = value.root === "claims" ? claims : sql`to_jsonb(${this.#column({ ...value, steps: [String(first)] })})`;
    return inside.reduce<Fragment>(
      (json, step) => sql`(${json} -> ${typeof step === "number" ? integer(step) : this.text(step)})`,
      top,
    );
  }

  /** A column, or what stands for itself, without any reading. */
  #column(value: Value): Fragment {
    const { old, new: now, operation } = this.#rows;
    switch (value.kind) {
      case "path": {
        const column = String(value.steps[0]);
        if (value.root === "old") return columnOf(old, column);
        if (value.root === "new") return columnOf(now, column);
        return sql`(case when ${operation} = 'delete' then ${columnOf(old, column)} else ${columnOf(now, column)} end)`;
      }
      case "op":
        return operation;
      case "now":
        return this.#rows.now;
      case "boolean":
        return value.value ? sql`true` : sql`false`;
      case "text":
        return this.text(value.text);
      case "json":
        return this.jsonPart(value);
      default:
        return this.#number(value);
    }
  }
}

const ARITHMETIC_SQL: { readonly [Operator in ArithmeticOperator]: (a: Fragment, b: Fragment) => Fragment } = {
  add: (a, b) => sql`(${a} + ${b})`,
  subtract: (a, b) => sql`(${a} - ${b})`,
  multiply: (a, b) => sql`(${a} * ${b})`,
  // The digits of a quotient depend on zeros at the end of its operands, which values in JSON may have lost.
  divide: (a, b) => sql`(trim_scale(${a}) / nullif(trim_scale(${b}), 0))`,
  remainder: (a, b) => sql`(${a} % nullif(${b}, 0))`,
};
