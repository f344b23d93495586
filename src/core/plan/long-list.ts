/** Which operations are one long list, whose rows need not be there all at once. */
import { resolveBind, type Variables } from "../graphql/input.ts";
import { type Limits, STREAMED_ROWS_MIN } from "../limits.ts";
import type { ListNode, Plan } from "./plan.ts";

/** `long`: a request for so many rows. `open`: there is no limit, and the list may be longer than what is read whole. */
export type ListLength = "long" | "open";

/** The only list of an operation, where it may be long enough. Rows of a function are counted only by running it. */
export function streamableList(plan: Plan, { pageRowsMax }: Limits): ListNode | undefined {
  const node = onlyList(plan)?.node;
  if (node?.rows.limit) return pageRowsMax >= STREAMED_ROWS_MIN ? node : undefined;
  return node?.rows.source.kind === "relation" && pageRowsMax > STREAMED_ROWS_MIN ? node : undefined;
}

export function lengthOf({ rows }: ListNode, variables: Variables): ListLength | undefined {
  if (!rows.limit) return "open";
  return Number(resolveBind(rows.limit, variables)) >= STREAMED_ROWS_MIN ? "long" : undefined;
}

export type OnlyList = { readonly key: string; readonly node: ListNode; readonly index: number };

/** The list that an operation consists of, constants beside it. */
export function onlyList({ output }: Plan): OnlyList | undefined {
  const index = output.findIndex(({ node }) => node.kind !== "constant");
  const found = output[index];
  if (found?.node.kind !== "list") return undefined;
  const isOnly = output.every(({ node }, place) => place === index || node.kind === "constant");
  return isOnly ? { key: found.key, node: found.node, index } : undefined;
}
