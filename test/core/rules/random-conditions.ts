/** Conditions by chance: each fits ORDER, and their values meet those of the rows often enough to be true now and then. */

import type { Condition, Literal, Path, Value } from "../../../src/core/rules/conditions/condition.ts";
import { combine } from "../../../src/core/rules/conditions/condition.ts";
import { seeded } from "../../support/seeded.ts";
import { ORDER } from "./orders.ts";

export const POOLS = {
  integer: ["-3", "0", "1", "2", "7", "100", "2147483647"],
  bigint: ["0", "1", "7", "9007199254740992", "9007199254740993", "-9223372036854775808"],
  numeric: [
    "0",
    "0.1",
    "0.30",
    "1.50",
    "7",
    "-2.5",
    "100",
    "9007199254740993.25",
    "0.10000000000000000055",
    "1e30",
    "NaN",
    "Infinity",
    "-Infinity",
  ],
  float: ["0", "0.1", "0.3", "1.5", "-2.5", "1e300", "1e-7", "0.30000000000000004", "NaN", "Infinity"],
  text: ["", "a", "A", "ab", "a%b", "a_b\\c", "É", "éa", "İ", "ß", "\u{1d4b3}", "\ufffd", "x y ", "it's"],
  boolean: ["true", "false"],
  enum: ["new", "paid", "shipped"],
  uuid: ["0b6c1c5e-7f0a-4d8e-9a53-2f1d2c1f9a11", "ffffffff-ffff-4fff-8fff-ffffffffffff"],
  date: ["2026-03-01", "2026-02-28", "1969-12-31", "0001-01-01", "infinity"],
  timestamp: ["2026-03-01T00:00:00", "2026-03-01T12:30:00.000001", "1969-12-31T23:59:59.999999"],
  timestamptz: ["2026-03-01T12:00:00Z", "2026-03-01T14:00:00+02:00", "1999-12-31T23:59:59.5-05:30", "-infinity"],
  json: [
    '{"a": 1, "b": "ab", "c": [1, "a", null, {"a": true}]}',
    '{"a": "a", "b": null}',
    '[1, 2, "ab"]',
    '"ab"',
    "7",
    "7.0",
    "null",
    "true",
    '{"a": 9007199254740993}',
    "{}",
  ],
} as const;

export class RandomConditions {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = seeded(seed);
  }

  next(depth = 3): Condition {
    const part = () => this.next(depth - 1);
    const chance = this.#random();
    if (depth > 0 && chance < 0.2) return combine("and", this.#several(part));
    if (depth > 0 && chance < 0.4) return combine("or", this.#several(part));
    if (depth > 0 && chance < 0.5) return { kind: "not", part: part() };
    return this.#clause();
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[Math.floor(this.#random() * items.length)] as Item;
  }

  #several(part: () => Condition): readonly Condition[] {
    return Array.from({ length: Math.floor(this.#random() * 3) + (this.#random() < 0.9 ? 2 : 0) }, part);
  }

  #clause(): Condition {
    const [value, literal, ordered] = this.#pair();
    switch (
      this.pick([
        "compare",
        "compare",
        "compare",
        "in",
        "null",
        "text",
        "json",
        "changed",
        "changed",
        "fields",
      ] as const)
    ) {
      case "in":
        return {
          kind: "in",
          negated: this.#random() < 0.5,
          value,
          list: Array.from({ length: this.pick([0, 1, 2, 3]) }, () => literal()),
        };
      case "null":
        return { kind: "null", negated: this.#random() < 0.5, value };
      case "text":
        return this.#ofText();
      case "json":
        return this.#ofJson();
      case "changed": {
        const [path, item] = this.#pair();
        if (path.kind !== "path" || path.root === "claims")
          return { kind: "changed", field: { ...this.#path("tags"), root: "row" } };
        const field: Path = { ...path, root: "row" };
        const kind = this.pick(["changed", "changed-from", "changed-to"] as const);
        return kind === "changed" ? { kind, field } : { kind, field, value: item() };
      }
      case "fields": {
        const operand = this.#number(2);
        // Two places in JSON have no order.
        const left = operand.kind === "path" && operand.steps.length > 1 ? this.#path("total") : operand;
        const known = left.kind === "path" && left.root === "claims" ? this.#path("id") : left;
        return {
          kind: "compare",
          operator: this.pick(["eq", "neq", "lt", "gte"]),
          left: known,
          right: this.#number(2),
        };
      }
      default: {
        const operator = this.pick(
          ordered ? (["eq", "neq", "lt", "lte", "gt", "gte"] as const) : (["eq", "neq"] as const),
        );
        return this.#random() < 0.8
          ? { kind: "compare", operator, left: value, right: literal() }
          : { kind: "compare", operator, left: literal(), right: value };
      }
    }
  }

  #path(column: string, ...inside: (string | number)[]): Path {
    return { kind: "path", root: this.pick(["row", "row", "old", "new"]), steps: [column, ...inside] };
  }

  #inJson(): Path {
    const path = this.#path(
      "data",
      ...this.pick<(string | number)[]>([["a"], ["b"], ["c", 0], ["c", 3, "a"], [1], ["missing", "x"]]),
    );
    return this.#random() < 0.1 ? { kind: "path", root: "claims", steps: [this.pick(["sub", "org", "level"])] } : path;
  }

  #number(depth: number): Value {
    const chance = this.#random();
    if (depth === 0 || chance < 0.5) return this.#path(this.pick(["id", "total", "items", "weight", "customer_id"]));
    if (chance < 0.65) return { kind: "number", digits: this.pick(["2", "-3", "0.1", "7", "10000"]) };
    if (chance < 0.75) return this.#inJson();
    if (chance < 0.8) return { kind: "negate", value: this.#path("total") };
    const operator = this.pick(["add", "subtract", "multiply", "divide", "remainder"] as const);
    return { kind: "arithmetic", operator, left: this.#number(depth - 1), right: this.#number(depth - 1) };
  }

  /** A value, literals it can be compared with, and whether they have an order. */
  #pair(): readonly [Value, () => Literal, boolean] {
    const text = (pool: readonly string[]) => (): Literal => ({ kind: "text", text: this.pick(pool) });
    const number = (): Literal => ({
      kind: "number",
      digits: this.pick(["0", "0.1", "0.3", "1", "1.5", "7", "-2.5", "9007199254740993", "9007199254740993.25"]),
    });
    const boolean = (): Literal => ({ kind: "boolean", value: this.#random() < 0.5 });
    const column = this.pick([...ORDER.fields.keys()]);
    const kind = ORDER.fields.get(column)?.type.kind ?? "text";
    const path = this.#path(column);
    switch (kind) {
      case "integer":
      case "bigint":
      case "numeric":
      case "float":
      case "real":
        return [this.#random() < 0.7 ? path : this.#number(2), number, true];
      case "text":
        return [path, text(POOLS.text), true];
      case "char":
        return [path, text(["a", "ab", "", "a ", "ab  ", " "]), true];
      case "boolean":
        return [path, boolean, false];
      case "enum":
      case "uuid":
        return [path, text(POOLS[kind]), false];
      case "date":
      case "timestamp":
      case "timestamptz":
        return [path, text(POOLS[kind]), true];
      default: {
        const inside = this.#inJson();
        const chance = this.#random();
        if (chance < 0.4) return [inside, text(["a", "ab", "ada"]), true];
        return chance < 0.8 ? [inside, number, true] : [inside, boolean, false];
      }
    }
  }

  #ofText(): Condition {
    const value = this.pick([this.#path("note"), this.#path("code"), this.#inJson()]);
    if (this.#random() < 0.3)
      return {
        kind: "contains",
        value: this.#path("note"),
        part: { kind: "text", text: this.pick(["", "a", "%", "é"]) },
      };
    const pattern = this.pick([
      "%",
      "",
      "a%",
      "%b",
      "_",
      "__",
      "a\\%b",
      "A_%",
      "%é%",
      "i%",
      "É%",
      "%\\\\c",
      "ß",
      "x y_",
      "%a%b%",
    ]);
    return { kind: "like", caseless: this.#random() < 0.5, value, pattern };
  }

  #ofJson(): Condition {
    const value = this.pick([this.#path("data"), this.#path("data", "c"), this.#inJson()]);
    const text = (each: string): Literal => ({ kind: "text", text: each });
    switch (this.pick(["tags", "key", "json", "equal"] as const)) {
      case "tags":
        return {
          kind: "contains",
          value: this.#path("tags"),
          part: { kind: "list", items: this.pick([[], [text("a")], [text("a"), text("É")]]) },
        };
      case "key":
        return { kind: "has-key", value, key: this.pick(["a", "ab", "constructor"]) };
      case "json":
        return {
          kind: "contains",
          value,
          part: { kind: "json", value: this.pick([{ a: 1 }, [1], { c: [{ a: true }] }, 1, "ab", [[1]], {}]) },
        };
      default:
        return {
          kind: "compare",
          operator: this.pick(["eq", "neq"]),
          left: value,
          right: { kind: "json", value: this.pick([7, "ab", { a: 1 }, [1, 2, "ab"], {}]) },
        };
    }
  }
}
