/** The plan of a mutation as indented lines: what is written, and what is read of it. */
import { bindKey } from "../graphql/input.ts";
import { conditionText, outputLines } from "./describe.ts";
import type { Change, MutationPlan, NewRows } from "./mutation.ts";

/** The plan of a mutation as text, a line for each root field. */
export function describeMutation({ roots }: MutationPlan): string {
  return roots
    .flatMap(({ key, node }) => {
      if (node.kind === "constant") return [`${key}: ${node.json}`];
      if (node.kind === "outcome") {
        const { schema, name } = node.function;
        const given = node.arguments.map(({ bind }) => bindKey(bind)).join(", ");
        const entity = node.entity ? `, its entity a ${node.entity.name}` : "";
        return [`${key}: ${schema}.${name}(${given}), a transaction that ends as its outcome says${entity}`];
      }
      const { relation, change, output } = node;
      const title =
        `${key}: ${change.kind} ${change.kind === "insert" ? "into" : change.kind === "delete" ? "from" : ""}`.trimEnd();
      return [
        `${title} ${relation.schema}.${relation.name}, a transaction`,
        ...changeLines(change),
        ...outputLines(output, 1),
      ];
    })
    .join("\n");
}

function changeLines(change: Change): readonly string[] {
  switch (change.kind) {
    case "insert":
      return [
        `  ${rowsText(change.rows)}`,
        ...(change.conflict
          ? [`  where ${change.conflict.key.join(", ")} is there: set ${change.conflict.set.join(", ")}`]
          : []),
      ];
    case "update":
      return [...change.set.map(({ column, bind }) => `  set ${column} to ${bindKey(bind)}`), whereText(change.where)];
    case "delete":
      return [whereText(change.where)];
  }
}

const whereText = (where: Parameters<typeof conditionText>[0] | undefined): string =>
  where ? `  where ${conditionText(where)}` : "  every row";

function rowsText(rows: NewRows): string {
  const names = rows.columns.map(({ column }) => column).join(", ");
  return rows.kind === "columns"
    ? `rows of ${bindKey(rows.list)}: ${names}`
    : `${rows.rows.length === 1 ? "a row" : `${rows.rows.length} rows`}: ${names}`;
}
