/** The one field of an operation that becomes a table. */
import { FraiseqlError } from "../errors.ts";
import type { AuthorizedPlan, Output, Rows, ValueNode } from "../plan/plan.ts";

/** BAD_USER_INPUT, for an operation whose answer is no table. */
export function notATable(message: string): FraiseqlError {
  return new FraiseqlError("BAD_USER_INPUT", message);
}

/** @throws FraiseqlError BAD_USER_INPUT */
export function rootOf(plan: AuthorizedPlan): { readonly key: string; readonly node: ValueNode } {
  const roots = plan.output.filter(({ node }) => node.kind !== "constant");
  const [root] = roots;
  if (!root || roots.length > 1) {
    throw notATable(`A table holds one root field; this operation has ${roots.length}. Select one, or ask for JSON.`);
  }
  return root;
}

export type RowsOf = { readonly rows: Rows; readonly output: Output };

/** The rows of a list, of a single object, or of the nodes of a connection; undefined where the root is something else. */
export function rowsOf(node: ValueNode): RowsOf | undefined {
  if (node.kind === "list" || node.kind === "one") return node;
  if (node.kind !== "connection") return undefined;
  const outputs = node.output.flatMap(({ part }) => {
    if (part.kind === "nodes") return [part.output];
    return part.kind === "edges"
      ? part.output.flatMap(({ part: edge }) => (edge.kind === "node" ? [edge.output] : []))
      : [];
  });
  const [output] = outputs;
  if (!output || outputs.length > 1 || node.after || node.before || node.backward) {
    throw notATable(
      "A connection becomes a table of its nodes: select nodes (or edges { node }) once, with first or nothing; page with JSON.",
    );
  }
  return { rows: { ...node.rows, ...(node.size && { limit: node.size }) }, output };
}
