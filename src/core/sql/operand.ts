/** Values of a request as parameters: always bound, always cast to a type the schema names. */
import { FraiseqlError } from "../errors.ts";
import { type Bind, bindKey, resolveBind } from "../graphql/input.ts";
import type { Operator } from "../plan/operators.ts";
import type { PgType } from "../schema/catalog.ts";
import { withoutDomains } from "../schema/pg-types.ts";
import { type Fragment, parameter, sql } from "./fragment.ts";
import { typeName } from "./value.ts";

/** `$n::type` for a value of that type. */
export function typedOperand(bind: Bind, type: PgType): Fragment {
  const name = typeName(type);
  const read = (variables: Readonly<Record<string, unknown>>) => pgText(resolveBind(bind, variables));
  return sql`${parameter({ key: `${name.parts.join("")}:${bindKey(bind)}`, read, type: name })}::${name}`;
}

/** The right side of a comparison with a value of `type`. */
export function comparisonOperand(operator: Operator, bind: Bind, type: PgType): Fragment {
  const own = comparisonType(type);
  switch (operator.operand) {
    case "self":
      return typedOperand(bind, own);
    case "list":
      return typedOperand(bind, own.kind === "array" ? own : { kind: "array", element: own });
    case "texts":
      return typedOperand(bind, { kind: "array", element: { kind: "base", name: "text" } });
    case "json":
      return typedOperand(bind, { kind: "base", name: "jsonb" });
    case "jsonpath":
      return typedOperand(bind, { kind: "base", name: "jsonpath" });
    case "text": {
      const { pattern } = operator;
      if (!pattern) return typedOperand(bind, { kind: "base", name: "text" });
      const read = (variables: Readonly<Record<string, unknown>>): string | null => {
        const text = pgText(resolveBind(bind, variables));
        return text === null ? null : pattern(text);
      };
      return sql`${parameter({ key: `${operator.name}:${bindKey(bind)}`, read })}::text`;
    }
  }
}

/** The type a value of `type` is compared as: a number out of int2's range is no error but matches nothing, and a name is not cut off. */
function comparisonType(type: PgType): PgType {
  const base = withoutDomains(type);
  if (base.kind === "base" && base.name === "int2") return { kind: "base", name: "int4" };
  if (base.kind === "base" && base.name === "name") return { kind: "base", name: "text" };
  return base;
}

/** Whether PostgreSQL can store a text: written as UTF-8 half of a surrogate pair would become U+FFFD, and match rows that hold that. */
export const isStorable = (text: string): boolean => !text.includes("\0") && text.isWellFormed();

/** What may have to be refused, or escaped inside of an array. */
const SPECIAL = /[\0"\\\ud800-\udfff]/;

/** PostgreSQL's text form of a coerced value. Custom scalars are in that form already. */
export function pgText(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) return `{${value.map(arrayElement).join(",")}}`;
  const text = String(value);
  if (!isStorable(text)) refuseUnstorable(text);
  return text;
}

/** The values as elements of an array of texts, each in its own text form: so an element may be an array itself. */
export function pgTexts(values: readonly unknown[]): string {
  return `{${values.map((value) => textElement(Array.isArray(value) ? pgText(value) : value)).join(",")}}`;
}

function refuseUnstorable(text: string): never {
  const message = text.includes("\0")
    ? "A text holds the character U+0000, which PostgreSQL cannot store; remove it."
    : "A text holds half of a surrogate pair, which is no character; remove it.";
  throw new FraiseqlError("BAD_USER_INPUT", message);
}

function arrayElement(value: unknown): string {
  return Array.isArray(value) ? (pgText(value) as string) : textElement(value);
}

function textElement(value: unknown): string {
  if (value === null || value === undefined) return "NULL";
  if (typeof value === "number" || typeof value === "boolean") return `"${value}"`;
  const text = String(value);
  if (!SPECIAL.test(text)) return `"${text}"`;
  if (!isStorable(text)) refuseUnstorable(text);
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}
