/** Chooses how related rows are fetched: once per parent row, or for all parents at once. */
import { isUnique } from "./order.ts";
import type { Rows, Strategy } from "./plan.ts";

/** Where a field stands: below a list that shows every row of its source, or below few rows. */
export type Position = { readonly unbounded: boolean };

export const ROOT: Position = { unbounded: false };

export function strategyOf(position: Position, rows: Omit<Rows, "strategy">): Strategy {
  const { link } = rows;
  if (!link)
    return { kind: "correlated", reason: rows.source.kind === "function" ? "rows of a function" : "the root list" };
  if (!position.unbounded) return { kind: "correlated", reason: "few parents: one index look-up for each" };
  if (link.cardinality === "one") {
    return isUnique(rows.object, link.foreign)
      ? { kind: "grouped", reason: "every parent is shown: one join over a unique key" }
      : { kind: "correlated", reason: "no key proves that at most one row matches" };
  }
  if (rows.limit || rows.offset) return { kind: "correlated", reason: "a limit for each parent" };
  return { kind: "grouped", reason: "every parent is shown: one pass over the related rows, grouped by parent" };
}

/** Whether a list shows its whole source, so that its related rows are best read in one pass. */
export function isUnbounded(rows: Rows, position: Position): boolean {
  if (rows.limit || rows.offset || rows.where || rows.source.kind === "function") return false;
  return !rows.link || (position.unbounded && rows.strategy.kind === "grouped");
}
