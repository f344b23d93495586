/** The JSON form of a condition, read: `{ "total": { "_gt": 100 }, "status": { "_changed_to": "shipped" } }`. */
import { ExactNumber, type JsonObject, type JsonValue } from "../../events/json.ts";
import { RULE_LIMITS } from "../../limits.ts";
import { unknownName, WrittenWrong } from "../problem.ts";
import { type Comparison, type Condition, combine, type Path, type Value } from "./condition.ts";
import { JsonValues } from "./condition-json-values.ts";
import type { ReadCondition } from "./condition-node.ts";
import { JSON_OPERATORS, type JsonOperator } from "./condition-words.ts";

type Keys = readonly (string | number)[];

/** Objects within objects while reading; the tree's own limit is lower. */
const NESTING_MAX = 64;

/** @throws WrittenWrong with the keys that lead to the first thing that is wrong */
export function readConditionJson(json: JsonValue): ReadCondition {
  const reader = new JsonReader();
  return { condition: reader.condition(json, [], 0), places: reader.values.places };
}

class JsonReader {
  readonly values = new JsonValues();

  condition(json: JsonValue, at: Keys, depth: number): Condition {
    if (depth > NESTING_MAX) throw new WrittenWrong({ path: at }, "this is nested too deep");
    const object = asObject(json, at);
    if (Object.hasOwn(object, "_value")) return this.#ofValue(object, at);
    const parts = Object.entries(object).map(([key, value]) => this.#entry(key, value, [...at, key], depth));
    return this.#placed(combine("and", parts), at);
  }

  #entry(key: string, json: JsonValue, at: Keys, depth: number): Condition {
    switch (key) {
      case "_and":
      case "_or": {
        if (!Array.isArray(json)) throw new WrittenWrong({ path: at }, `${key} takes a list of conditions`);
        const parts = json.map((each: JsonValue, index) => this.condition(each, [...at, index], depth + 1));
        return this.#placed(combine(key === "_and" ? "and" : "or", parts), at);
      }
      case "_not":
        return this.#placed({ kind: "not", part: this.condition(json, at, depth + 1) }, at);
      default:
        if (Array.isArray(json)) {
          const { message, suggestion } = unknownName("operator", key, ["_and", "_or", "_not", "_value"]);
          throw new WrittenWrong({ path: at }, message, suggestion);
        }
        return this.#operators(this.values.path(key, at), json, at);
    }
  }

  /** `{ "_value": …, "_gt": … }`: what is compared is more than a path. */
  #ofValue({ _value: json, ...operators }: JsonObject, at: Keys): Condition {
    const value = this.values.value(json ?? null, [...at, "_value"]);
    return this.#operators(value, operators, at);
  }

  #operators(value: Value, json: JsonValue, at: Keys): Condition {
    const operators = Object.entries(asObject(json, at));
    if (operators.length === 0) throw new WrittenWrong({ path: at }, "expected an operator here, such as _eq");
    const parts = operators.map(([name, operand]) => {
      const place = [...at, name];
      if (isOperator(name)) return this.#placed(this.#operator(name, value, operand, place), place);
      const { message, suggestion } = unknownName("operator", name, JSON_OPERATORS);
      throw new WrittenWrong({ path: place }, message, suggestion);
    });
    return this.#placed(combine("and", parts), at);
  }

  #operator(name: JsonOperator, value: Value, json: JsonValue, at: Keys): Condition {
    switch (name) {
      case "_in":
      case "_nin":
        return { kind: "in", negated: name === "_nin", value, list: this.values.list(json, at) };
      case "_is_null":
        if (typeof json !== "boolean") throw new WrittenWrong({ path: at }, "_is_null takes true or false");
        return { kind: "null", negated: !json, value };
      case "_like":
      case "_ilike":
        return { kind: "like", caseless: name === "_ilike", value, pattern: this.values.text(json, at) };
      case "_contains":
        return { kind: "contains", value, part: this.values.part(json, at) };
      case "_has_key":
        return { kind: "has-key", value, key: this.values.text(json, at) };
      case "_changed":
        return this.#changed(value, json, at);
      case "_changed_from":
      case "_changed_to": {
        const kind = name === "_changed_from" ? "changed-from" : "changed-to";
        return { kind, field: this.#field(value, at), value: this.values.literal(json, at) };
      }
      default:
        return {
          kind: "compare",
          operator: name.slice(1) as Comparison,
          left: value,
          right: this.values.value(json, at),
        };
    }
  }

  #changed(value: Value, json: JsonValue, at: Keys): Condition {
    if (typeof json !== "boolean") throw new WrittenWrong({ path: at }, "_changed takes true or false");
    const changed: Condition = { kind: "changed", field: this.#field(value, at) };
    return json ? changed : { kind: "not", part: this.#placed(changed, at) };
  }

  #field(value: Value, at: Keys): Path {
    if (value.kind === "path" && value.root === "row") return value;
    throw new WrittenWrong({ path: at }, "what changed is a field of the row, without old or new before it");
  }

  #placed<Placed extends Condition>(node: Placed, path: Keys): Placed {
    if (!this.values.places.has(node)) this.values.places.set(node, { path });
    return node;
  }
}

function isOperator(name: string): name is JsonOperator {
  return (JSON_OPERATORS as readonly string[]).includes(name);
}

function asObject(json: JsonValue, at: Keys): JsonObject {
  if (typeof json !== "object" || json === null || Array.isArray(json) || json instanceof ExactNumber) {
    throw new WrittenWrong({ path: at }, "expected an object here");
  }
  if (Object.keys(json).length > RULE_LIMITS.conditionNodesMax)
    throw new WrittenWrong({ path: at }, "this has too many keys");
  return json as JsonObject;
}
