/** Which kinds of operators the values of a type have. */
import type { PgType } from "../schema/catalog.ts";
import { NUMBER_TYPES, PRINTED_TYPES, TEXT_TYPES } from "../schema/pg-types.ts";

export type OperatorFamily = "equality" | "order" | "text" | "array" | "json";

const isOrdered = (name: string): boolean => NUMBER_TYPES.has(name) || PRINTED_TYPES.has(name) || name === "bytea";

/** The families a value of this type has; every value has `isNull`. */
export function operatorFamilies(type: PgType): readonly OperatorFamily[] {
  switch (type.kind) {
    case "domain":
      return operatorFamilies(type.base);
    case "enum":
      return ["equality", "order"];
    case "array":
      return operatorFamilies(type.element).includes("equality") ? ["array"] : [];
    case "base":
      if (TEXT_TYPES.has(type.name)) return ["equality", "order", "text"];
      if (isOrdered(type.name)) return ["equality", "order"];
      if (type.name === "bool") return ["equality"];
      return type.name === "jsonb" ? ["equality", "json"] : [];
    default:
      return [];
  }
}
