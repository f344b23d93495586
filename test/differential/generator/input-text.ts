/** Input values before it is decided whether they stand in the document or in a variable. */

/** A name of an enum value. */
export type EnumName = { readonly enumName: string };
/** A variable of the operation. */
export type VariableName = { readonly variable: string };
export type Given =
  | null
  | boolean
  | number
  | string
  | EnumName
  | VariableName
  | readonly Given[]
  | { readonly [key: string]: Given };

export const enumName = (name: string): EnumName => ({ enumName: name });

const isEnum = (value: object): value is EnumName => "enumName" in value;
const isVariable = (value: object): value is VariableName => "variable" in value;

/** As it is written in a document. */
export function literalText(value: Given): string {
  if (value === null || typeof value === "boolean" || typeof value === "number") return String(value);
  if (typeof value === "string") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(literalText).join(", ")}]`;
  if (isEnum(value)) return value.enumName;
  if (isVariable(value)) return `$${value.variable}`;
  return `{${Object.entries(value)
    .map(([key, item]) => `${key}: ${literalText(item)}`)
    .join(", ")}}`;
}

/** As it stands in the request's variables. */
export function jsonOf(value: Given): unknown {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(jsonOf);
  if (isEnum(value)) return value.enumName;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, jsonOf(item as Given)]));
}

/** Whether a JSON value can be written as a GraphQL literal: its keys are names. */
export function isWritable(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isWritable);
  if (typeof value !== "object" || value === null) return true;
  return Object.entries(value).every(([key, item]) => /^[_A-Za-z][_0-9A-Za-z]*$/.test(key) && isWritable(item));
}
