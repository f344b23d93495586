/** A range as PostgreSQL's text. https://www.postgresql.org/docs/18/rangetypes.html#RANGETYPES-IO */
import { FraiseqlError } from "../errors.ts";

export type RangeParts = {
  readonly lower?: unknown;
  readonly upper?: unknown;
  readonly lowerInclusive?: unknown;
  readonly upperInclusive?: unknown;
  readonly isEmpty?: unknown;
};

/** @throws FraiseqlError BAD_USER_INPUT for an empty range with a bound */
export function rangeText({ lower, upper, lowerInclusive, upperInclusive, isEmpty }: RangeParts): string {
  if (isEmpty === true) {
    if ((lower ?? upper ?? null) !== null)
      throw new FraiseqlError(
        "BAD_USER_INPUT",
        "A range that is empty has no bounds; leave out isEmpty or the bounds.",
      );
    return "empty";
  }
  return `${lowerInclusive === false ? "(" : "["}${bound(lower)},${bound(upper)}${upperInclusive === true ? "]" : ")"}`;
}

function bound(value: unknown): string {
  if (value === null || value === undefined) return "";
  return `"${String(value).replaceAll(/[\\"]/g, (character) => `\\${character}`)}"`;
}
