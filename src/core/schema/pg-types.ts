/** What a type of PostgreSQL is in the API. */
import type { PgType, QualifiedName } from "./catalog.ts";
import { scalarOfPgType } from "./scalars.ts";

export const NUMBER_TYPES: ReadonlySet<string> = new Set(["int2", "int4", "int8", "numeric", "float4", "float8"]);
export const TEXT_TYPES: ReadonlySet<string> = new Set(["text", "varchar", "bpchar", "citext", "name"]);
/** Values that are no texts and have an order: JSON shows them as strings. */
export const PRINTED_TYPES: ReadonlySet<string> = new Set([
  "uuid",
  ...["timestamptz", "timestamp", "date", "time", "timetz", "interval"],
  ...["inet", "cidr", "macaddr", "macaddr8"],
]);

/** The type below all domains. */
export function withoutDomains(type: PgType): PgType {
  return type.kind === "domain" ? withoutDomains(type.base) : type;
}

/** The type of the elements below all arrays and domains; of what is none of these the type itself. */
export function innermost(type: PgType): PgType {
  return type.kind === "array" ? innermost(type.element) : type.kind === "domain" ? innermost(type.base) : type;
}

/**
 * The scalar or enum that shows values of the type. What has no rule is text.
 *
 * @param enumName name in the API of an enum of PostgreSQL, where it has one.
 */
export function scalarOf(
  type: PgType,
  enumName: (name: QualifiedName) => string | undefined = () => undefined,
): { readonly type: string; readonly list: boolean } {
  const base = withoutDomains(type);
  switch (base.kind) {
    case "array":
      return { type: scalarOf(base.element, enumName).type, list: true };
    case "base":
      return { type: scalarOfPgType(base.name) ?? "String", list: false };
    case "enum":
      return { type: enumName(base) ?? "String", list: false };
    default:
      return { type: "String", list: false };
  }
}
