/** Everything that happens between a document and its answer, as text. */
import type { Explanation, OperationRequest, Operations } from "../../core/operations.ts";
import { describePlan } from "../../core/plan/describe-plan.ts";
import type { Database } from "../../ports/database.ts";

export type ExplainedOperation = Omit<Explanation, "plan"> & {
  /** The plan as indented lines. */
  readonly plan: string;
  /** PostgreSQL's own plan, a line each. */
  readonly databasePlan: readonly string[];
};

/**
 * @param options.analyze - also runs the statement and shows what each step took
 * @throws RequestFailed for a request that is not valid, FraiseqlError for what the database refuses
 */
export async function explainOperation(
  parts: { readonly operations: Operations; readonly database: Database },
  request: OperationRequest,
  options: { readonly analyze: boolean },
): Promise<ExplainedOperation> {
  const explanation = parts.operations.explain(request);
  const { text, values } = explanation.statement;
  const explain = options.analyze ? "explain (analyze, buffers)" : "explain";
  const rows = await parts.database.rows({ text: `${explain} ${text}`, values });
  return { ...explanation, plan: describePlan(explanation.plan), databasePlan: rows.map(([line]) => line ?? "") };
}
