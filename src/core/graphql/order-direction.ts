/** Directions of an order, and which fields have one. */
import { GraphQLEnumType } from "graphql";
import { operatorFamilies } from "../plan/operator-families.ts";
import type { ScalarField } from "../schema/model.ts";
import type { Types } from "./types.ts";

export type OrderDirection = { readonly direction: "asc" | "desc"; readonly nulls: "first" | "last" };

const DIRECTIONS: Readonly<Record<string, OrderDirection & { description: string }>> = {
  ASC: { direction: "asc", nulls: "last", description: "Smallest first, nulls last." },
  DESC: { direction: "desc", nulls: "last", description: "Greatest first, nulls last." },
  ASC_NULLS_FIRST: { direction: "asc", nulls: "first", description: "Nulls, then smallest first." },
  DESC_NULLS_FIRST: { direction: "desc", nulls: "first", description: "Nulls, then greatest first." },
};

/** Directions are structural: they are part of the statement, so each combination has its own plan. */
export function directionType(types: Types): GraphQLEnumType {
  return types.named(
    "OrderDirection",
    () =>
      new GraphQLEnumType({
        name: "OrderDirection",
        extensions: { structural: true },
        values: Object.fromEntries(
          Object.entries(DIRECTIONS).map(([name, row]) => [name, { value: name, description: row.description }]),
        ),
      }),
  );
}

/** What a value of `OrderDirection` means. @throws TypeError for another */
export function orderDirection(name: string): OrderDirection {
  const row = DIRECTIONS[name];
  if (!row) throw new TypeError(`unknown direction ${name}`);
  return row;
}

/** Whether rows can be ordered by the field. */
export const isOrderable = (field: ScalarField): boolean =>
  !field.list && operatorFamilies(field.value.type).includes("equality") && field.type !== "JSON";
