/** Coerced input values as JSON text: how a function gets an input object, and a column the value of a composite or a range. */
import {
  GraphQLBoolean,
  type GraphQLInputField,
  type GraphQLInputType,
  GraphQLInt,
  isInputObjectType,
  isListType,
  isNonNullType,
} from "graphql";
import { FLOAT } from "../schema/scalars.ts";
import { rangeText } from "./range-text.ts";

/** The attribute it sets, or else its own name. */
const nameOf = ({ name, extensions }: GraphQLInputField): string => String(extensions["column"] ?? name);
const partOf = ({ extensions }: GraphQLInputField): string => String(extensions["part"]);

/** Scalars of GraphQL stand as they are, others as PostgreSQL's text for them; entries that are absent stay so. */
export function inputJson(type: GraphQLInputType, value: unknown): string {
  if (isNonNullType(type)) return inputJson(type.ofType, value);
  if (value === null || value === undefined) return "null";
  if (isListType(type))
    return `[${(value as readonly unknown[]).map((item) => inputJson(type.ofType, item)).join(",")}]`;
  if (isInputObjectType(type)) {
    const given = value as Readonly<Record<string, unknown>>;
    const entries = Object.values(type.getFields()).filter(({ name }) => given[name] !== undefined);
    if (type.extensions["range"] === true) {
      return JSON.stringify(rangeText(Object.fromEntries(entries.map((field) => [partOf(field), given[field.name]]))));
    }
    return `{${entries.map((field) => `${JSON.stringify(nameOf(field))}:${inputJson(field.type, given[field.name])}`).join(",")}}`;
  }
  if (type === GraphQLInt || type === FLOAT || type === GraphQLBoolean) return String(value);
  // The coerced value of JSON is JSON text already.
  return type.name === "JSON" ? String(value) : JSON.stringify(value);
}
