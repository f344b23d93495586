/** The values of a condition's JSON form: what stands for itself, and `_path`, `_add`, `_number`, … for the rest. */
import { writeExactJson } from "../../events/exact-json.ts";
import { ExactNumber, type JsonObject, type JsonValue } from "../../events/json.ts";
import { RULE_LIMITS } from "../../limits.ts";
import { type Place, unknownName, WrittenWrong } from "../problem.ts";
import type { Literal, Part, Value } from "./condition.ts";
import { JSON_ARITHMETIC } from "./condition-words.ts";
import { jsonLiteral, negated, numberLiteral, textLiteral } from "./literal.ts";
import { parsePath } from "./parse-condition.ts";

type Keys = readonly (string | number)[];

/** What an object in the place of a value may be; each has just this one key. */
const FORMS = ["_path", "_number", "_json", "_json_text", "_neg", ...Object.keys(JSON_ARITHMETIC)];
const NESTING_MAX = 64;
const JSON_DEPTH_MAX = 512;

export class JsonValues {
  readonly places = new Map<object, Place>();

  path(text: string, at: Keys): Value {
    if (text.length > RULE_LIMITS.literalTextMax) throw new WrittenWrong({ path: at }, "this path is too long");
    try {
      return this.#placed(parsePath(text), at);
    } catch (error) {
      if (!(error instanceof WrittenWrong)) throw error;
      throw new WrittenWrong({ path: at }, `${JSON.stringify(text.slice(0, 60))} is not a path: ${error.message}`);
    }
  }

  value(json: JsonValue, at: Keys, depth = 0): Value {
    if (!isObject(json)) return this.literal(json, at);
    if (depth > NESTING_MAX) throw new WrittenWrong({ path: at }, "this is nested too deep");
    const [form, content] = this.#form(json, at);
    const place = [...at, form];
    if (form === "_path") return this.path(this.text(content, place), place);
    if (form === "_neg") {
      const value = this.value(content, place, depth + 1);
      return this.#placed(value.kind === "number" ? negated(value) : { kind: "negate", value }, at);
    }
    if (!Object.hasOwn(JSON_ARITHMETIC, form)) return this.literal(json, at);
    if (!Array.isArray(content) || content.length !== 2)
      throw new WrittenWrong({ path: place }, `${form} takes a list of two values`);
    const [left, right] = content.map((each: JsonValue, index) => this.value(each, [...place, index], depth + 1));
    const operator = JSON_ARITHMETIC[form as keyof typeof JSON_ARITHMETIC];
    return this.#placed({ kind: "arithmetic", operator, left: left as Value, right: right as Value }, at);
  }

  literal(json: JsonValue, at: Keys): Literal {
    return this.#placed(this.#literal(json, { path: at }), at);
  }

  #literal(json: JsonValue, place: { readonly path: Keys }): Literal {
    if (json instanceof ExactNumber) return numberLiteral(json.digits, place);
    switch (typeof json) {
      case "string":
        return textLiteral(json, place);
      case "number":
        return numberLiteral(String(json), place);
      case "boolean":
        return { kind: "boolean", value: json };
    }
    if (json === null) throw new WrittenWrong(place, "nothing compares with null; use _is_null");
    if (Array.isArray(json)) throw new WrittenWrong(place, "expected one value, not a list");
    const [form, content] = this.#form(json as JsonObject, place.path);
    const inner = { path: [...place.path, form] };
    if (form === "_number") return numberLiteral(this.text(content, inner.path), inner);
    if (form === "_json_text") return jsonLiteral(this.text(content, inner.path), inner);
    if (form === "_json" && nestsDeeper(content, JSON_DEPTH_MAX))
      throw new WrittenWrong(inner, "this is nested too deep");
    if (form === "_json") return jsonLiteral(writeExactJson(content), inner);
    throw new WrittenWrong(place, `expected a value that is the same for every event, not ${form}`);
  }

  list(json: JsonValue, at: Keys): readonly Literal[] {
    if (!Array.isArray(json)) throw new WrittenWrong({ path: at }, "expected a list of values");
    if (json.length > RULE_LIMITS.listItemsMax) {
      throw new WrittenWrong({ path: at }, `a list has at most ${RULE_LIMITS.listItemsMax} values`);
    }
    return json.map((each: JsonValue, index) => this.literal(each, [...at, index]));
  }

  part(json: JsonValue, at: Keys): Part {
    return Array.isArray(json) ? { kind: "list", items: this.list(json, at) } : this.literal(json, at);
  }

  text(json: JsonValue, at: Keys): string {
    if (typeof json !== "string") throw new WrittenWrong({ path: at }, "expected a text");
    if (json.length > RULE_LIMITS.literalTextMax)
      throw new WrittenWrong({ path: at }, "this text is longer than the limit");
    return json;
  }

  #form(json: JsonObject, at: Keys): readonly [string, JsonValue] {
    const [entry, another] = Object.entries(json);
    if (entry === undefined || another !== undefined) {
      throw new WrittenWrong({ path: at }, `expected an object with one key: ${FORMS.join(", ")}`);
    }
    if (FORMS.includes(entry[0])) return entry;
    const { message, suggestion } = unknownName("form of a value", entry[0], FORMS);
    throw new WrittenWrong({ path: [...at, entry[0]] }, message, suggestion);
  }

  #placed<Placed extends Value>(node: Placed, path: Keys): Placed {
    this.places.set(node, { path });
    return node;
  }
}

function nestsDeeper(json: JsonValue, levels: number): boolean {
  if (typeof json !== "object" || json === null || json instanceof ExactNumber) return false;
  return levels === 0 || Object.values(json).some((each) => nestsDeeper(each, levels - 1));
}

function isObject(json: JsonValue): json is JsonObject {
  return typeof json === "object" && json !== null && !Array.isArray(json) && !(json instanceof ExactNumber);
}
