/** What a type of PostgreSQL is in the API. */
import type { PgType, QualifiedName } from "./catalog.ts";
import { scalarOfPgType } from "./scalars.ts";

/** The type below all domains. */
export function withoutDomains(type: PgType): PgType {
  return type.kind === "domain" ? withoutDomains(type.base) : type;
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
