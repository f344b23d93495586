/** What a reader of conditions has in hand before it knows which of the two it wants. */

import type { Place } from "../problem.ts";
import type { Condition, Value } from "./condition.ts";

export type Node = Condition | Value;

/** Where each node was written. */
export type Places = { get(node: Node): Place | undefined };

/** A condition as it was read, with the places of its nodes for messages about them. */
export type ReadCondition = { readonly condition: Condition; readonly places: Places };

const VALUE_KINDS: ReadonlySet<string> = new Set<Value["kind"]>([
  "path",
  "text",
  "number",
  "boolean",
  "json",
  "op",
  "now",
  "negate",
  "arithmetic",
]);

export function isCondition(node: Node): node is Condition {
  return !VALUE_KINDS.has(node.kind);
}
