/** Operands near what is stored: mostly values of real rows, sometimes changed ones. */
import {
  type GraphQLInputObjectType,
  type GraphQLInputType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
} from "graphql";
import type { PgType } from "../../../src/core/schema/catalog.ts";
import type { ObjectType, ScalarField } from "../../../src/core/schema/model.ts";
import { arrayItems, baseName, baseType, fieldValue, type Text } from "../oracle/text-forms.ts";
import { type Draft, given } from "./draft.ts";
import { enumName, type Given, isWritable } from "./input-text.ts";

/** The input that stands for a stored value of this field. */
export function inputOf(leaf: GraphQLInputType, type: PgType, text: Text): Given {
  const value = fieldValue(type, text);
  const named = getNamedType(leaf);
  if (isEnumType(named))
    return enumName(named.getValues().find((each) => each.value === value)?.name ?? named.getValues()[0]?.name ?? "");
  return value as Given;
}

export function storedText(draft: Draft, object: ObjectType, field: ScalarField): Text {
  const rows = draft.store.rows(object);
  if (rows.length === 0) return null;
  // A stored null is no operand; a few rows on there is often a value.
  const start = draft.choices.below(rows.length);
  for (let step = 0; step < 8; step += 1) {
    const held = rows[(start + step) % rows.length];
    const text = held ? draft.store.textOf(held, field.value) : null;
    if (text !== null && fieldValue(field.value.type, text) !== null) return text;
  }
  return null;
}

/** A filter of one field: `{ eq: … }` and the like. */
export function filterOf(draft: Draft, object: ObjectType, field: ScalarField, filter: GraphQLInputObjectType): Given {
  const { choices } = draft;
  const entries: Record<string, Given> = {};
  const count = choices.chance(15) ? 2 : 1;
  const operators = Object.values(filter.getFields()).filter(({ name }) => name !== "length");
  const list = baseType(field.value.type).kind === "array";
  for (let index = 0; index < count; index += 1) {
    const operator = choices.one(operators);
    if (operator.name === "isNull") {
      entries["isNull"] = given(draft, "Boolean", () => choices.chance(50));
      continue;
    }
    const text = storedText(draft, object, field);
    if (text === null) {
      entries["isNull"] = false;
      continue;
    }
    entries[operator.name] = operandOf(draft, object, field, operator, text);
  }
  if (list && choices.chance(40)) {
    entries["length"] = { [choices.one(["eq", "gt", "lte", "neq"])]: given(draft, "Int", () => choices.below(4)) };
  }
  return entries;
}

type InputField = { readonly name: string; readonly type: GraphQLInputType };

function operandOf(draft: Draft, object: ObjectType, field: ScalarField, operator: InputField, first: string): Given {
  const { choices } = draft;
  const type = field.value.type;
  const again = (): string => storedText(draft, object, field) ?? first;
  const leaf = getNamedType(operator.type) as GraphQLInputType;
  const name = baseName(type);
  const written = String(operator.type);
  if (name === "jsonb") return jsonOperand(draft, operator, again);
  if (baseType(type).kind === "array") {
    const element = (baseType(type) as Extract<PgType, { kind: "array" }>).element;
    return given(draft, written, () => {
      const items = arrayItems(again()).filter((item) => item !== null);
      const kept = items.slice(0, 1 + choices.below(2));
      return kept.map((item) => inputOf(leaf, element, item));
    });
  }
  if (isListType(operator.type)) {
    return given(draft, written, () => Array.from({ length: choices.below(4) }, () => inputOf(leaf, type, again())));
  }
  const isPattern = !["eq", "neq", "gt", "gte", "lt", "lte"].includes(operator.name);
  return given(draft, written, () => {
    const text = again();
    if (isPattern) return patternOf(draft, operator.name, String(fieldValue(type, text)));
    return inputOf(leaf, type, text);
  });
}

function patternOf(draft: Draft, operator: string, text: string): string {
  const { choices } = draft;
  const characters = [...text];
  const from = choices.below(Math.max(1, characters.length));
  const part = characters.slice(from, from + 1 + choices.below(4)).join("");
  const cased = choices.chance(30) ? part.toUpperCase() : part;
  if (operator.toLowerCase().includes("regex"))
    return cased.replaceAll(/[^A-Za-z0-9 ]/g, ".") + choices.one(["", ".*", "$"]);
  if (!operator.toLowerCase().includes("like"))
    return operator.toLowerCase().includes("starts") ? characters.slice(0, 1 + choices.below(3)).join("") : cased;
  const escaped = cased.replaceAll("\\", "\\\\");
  return choices.one(["%", "", "_"]) + escaped + choices.one(["%", "", "_%"]);
}

function jsonOperand(draft: Draft, operator: InputField, again: () => string): Given {
  const { choices } = draft;
  const keysOf = (): string[] => {
    const value: unknown = JSON.parse(again());
    return typeof value === "object" && value !== null
      ? Array.isArray(value)
        ? value.filter((each) => typeof each === "string")
        : Object.keys(value)
      : ["a"];
  };
  switch (operator.name) {
    case "hasKey":
      return given(draft, "String", () => keysOf()[0] ?? "none");
    case "hasAllKeys":
    case "hasAnyKey":
      return given(draft, "[String!]", () => keysOf().slice(0, choices.below(3)));
    case "pathExists":
    case "pathMatches":
      return given(draft, "String", () =>
        choices.one(["$.a", "$.a > 1", '$.tags[*] == "x"', "$[*]", "$ ? (@.a == 1)", "exists($.b)"]),
      );
    default:
      break;
  }
  if (isListType(operator.type))
    return given(draft, String(operator.type), () => [written(JSON.parse(again()))], {
      literals: false,
      defaults: false,
    });
  return given(draft, "JSON", () => jsonPart(draft, JSON.parse(again())), { literals: false, defaults: false });
}

/** The value around it may become a literal, where keys have to be names. */
const written = (value: unknown): Given => (isWritable(value) ? (value as Given) : { a: 1 });

/** The value, or one entry of it. */
function jsonPart(draft: Draft, stored: unknown): Given {
  const value = written(stored);
  if (typeof value !== "object" || value === null || Array.isArray(value) || !draft.choices.chance(60))
    return value as Given;
  const [entry] = Object.entries(value);
  return entry ? { [entry[0]]: entry[1] as Given } : {};
}

export const inputFields = (type: GraphQLInputType): readonly InputField[] => {
  const named = getNamedType(type);
  return isInputObjectType(named) ? Object.values(named.getFields()) : [];
};
