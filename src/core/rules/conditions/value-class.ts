/** What a value of a condition can be compared with: the one place where types of values are decided. */
import { CHANGE_OPERATIONS } from "../../events/change-event.ts";
import type { Entity, FieldType } from "../entities.ts";
import { unknownName } from "../problem.ts";
import type { Literal, Path, Value } from "./condition.ts";
import type { InstantKind } from "./instant.ts";
import { printPath } from "./print-condition.ts";

export type ValueClass =
  | { readonly is: "number" | "uuid" | "boolean" | "other" }
  /** `blankPadded` is `char(n)`: blanks at the end mean nothing. */
  | { readonly is: "text"; readonly blankPadded?: true }
  | { readonly is: "enum"; readonly labels: readonly string[] }
  | { readonly is: "time"; readonly kind: InstantKind }
  | { readonly is: "array"; readonly element: ValueClass }
  /** A place in JSON: what it holds is seen when it is read. */
  | { readonly is: "json" }
  /** A text in the condition: it takes the type of what it is compared with. */
  | { readonly is: "text-literal" }
  | { readonly is: "json-literal" };

/** How two values are compared: both are read as this, and what cannot be read so is null. */
export type Reading = "number" | "text" | "boolean" | "time" | "json";

export type PathProblem = { readonly message: string; readonly suggestion?: string };

/** The class of a value, or why it has none. */
export function classOf(value: Value, entity: Entity): ValueClass | PathProblem {
  switch (value.kind) {
    case "path":
      return classOfPath(value, entity);
    case "op":
      return { is: "enum", labels: CHANGE_OPERATIONS };
    case "now":
      return { is: "time", kind: "timestamptz" };
    case "negate":
    case "arithmetic":
      return { is: "number" };
    default:
      return classOfLiteral(value);
  }
}

/** A text or a JSON literal has the type of what it is compared with. */
export function classOfLiteral(literal: Literal): ValueClass {
  if (literal.kind === "text") return { is: "text-literal" };
  return literal.kind === "json" ? { is: "json-literal" } : { is: literal.kind };
}

function classOfPath(path: Path, entity: Entity): ValueClass | PathProblem {
  if (path.root === "claims") return { is: "json" };
  const [column, part] = path.steps;
  const field = typeof column === "string" ? entity.fields.get(column) : undefined;
  if (field === undefined) return unknownField(String(column), entity);
  if (path.steps.length === 1) return classOfField(field.type);
  if (field.type.kind === "array" && typeof part === "string") {
    const shown = printPath({ ...path, steps: [field.name] });
    return { message: `${shown} is an array; its first element is ${shown}[0]` };
  }
  if (field.type.kind === "json" || field.type.kind === "array") return { is: "json" };
  return { message: `${printPath({ ...path, steps: [field.name] })} is ${field.type.kind} and has no parts` };
}

/** Why there is no such field: it is withheld from events, is the name the API has for a column, or is a slip. */
function unknownField(name: string, entity: Entity): PathProblem {
  const why = entity.withheld?.get(name);
  if (why !== undefined) return { message: `${JSON.stringify(name)} ${why}` };
  const inApi = [...entity.fields.values()].find(({ apiName }) => apiName === name);
  if (inApi === undefined) return unknownName(`field of ${entity.name}`, name, entity.fields.keys());
  return {
    message: `${JSON.stringify(name)} is the name in the API; its column is ${inApi.name}`,
    suggestion: inApi.name,
  };
}

/** Values of one class can be compared with each other. */
function classOfField(type: FieldType): ValueClass {
  switch (type.kind) {
    case "integer":
    case "bigint":
    case "numeric":
    case "real":
    case "float":
      return { is: "number" };
    case "char":
      return { is: "text", blankPadded: true };
    case "date":
    case "timestamp":
    case "timestamptz":
      return { is: "time", kind: type.kind };
    case "array":
      return { is: "array", element: classOfField(type.element) };
    case "enum":
      return { is: "enum", labels: type.labels };
    default:
      return { is: type.kind };
  }
}

/** Whether blanks at the end of such a value mean nothing. */
export function isBlankPadded(valueClass: ValueClass | undefined): boolean {
  return valueClass?.is === "text" && valueClass.blankPadded === true;
}

export const withoutPadding = (text: string): string => text.replace(/ +$/, "");

/** A text of the condition as the class it is compared with writes it. */
export function literalText(text: string, other: ValueClass | undefined): string {
  if (other?.is === "uuid") return text.toLowerCase();
  return isBlankPadded(other) ? withoutPadding(text) : text;
}

/** How two classes are compared; undefined where they cannot be. */
export function readingOf(left: ValueClass, right: ValueClass): Reading | undefined {
  if (left.is === "time" && right.is === "time") return sameTime(left.kind, right.kind) ? "time" : undefined;
  const one = ONE_SIDED[left.is]?.[right.is];
  return one ?? ONE_SIDED[right.is]?.[left.is];
}

/** A date is the midnight it begins with; with a time zone it would be another one for each session. */
const sameTime = (a: InstantKind, b: InstantKind) => (a === "timestamptz") === (b === "timestamptz");

type Is = ValueClass["is"];

const ONE_SIDED: { readonly [Left in Is]?: { readonly [Right in Is]?: Reading } } = {
  number: { number: "number", json: "number" },
  boolean: { boolean: "boolean", json: "boolean" },
  text: { text: "text", json: "text", "text-literal": "text" },
  enum: { enum: "text", json: "text", "text-literal": "text" },
  uuid: { uuid: "text", json: "text", "text-literal": "text" },
  time: { "text-literal": "time" },
  "text-literal": { "text-literal": "text", json: "text" },
  json: { json: "json", "json-literal": "json" },
  "json-literal": { "json-literal": "json" },
};

/** Whether values have an order that does not depend on the database's settings. */
export function isOrdered(reading: Reading, left: ValueClass, right: ValueClass): boolean {
  if (reading === "number" || reading === "time") return true;
  return reading === "text" && ![left.is, right.is].some((is) => is === "enum" || is === "uuid");
}
