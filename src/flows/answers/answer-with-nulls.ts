/** The partial answer to a query whose statement failed for a null in a non-null field. */
import { NULL_ERRORS_MAX } from "../../core/limits.ts";
import type { OperationRequest, Operations } from "../../core/operations.ts";
import { propagateNulls } from "../../core/plan/propagate-nulls.ts";
import { SHOWN_NULLS } from "../../core/sql/shown-nulls.ts";
import type { Caller, Database } from "../../ports/database.ts";
import type { Answer } from "./answer.ts";

/**
 * Reads once more, in the form that shows nulls. So only what reads may come here: an operation that writes has ended
 * with its statement.
 *
 * @param fault - the error of the first statement, for the log: the schema promises more than the database keeps
 * @throws what the second statement fails with
 */
export async function answerWithNulls(
  { operations, database }: { readonly operations: Operations; readonly database: Database },
  request: OperationRequest,
  caller: Caller | undefined,
  fault: unknown,
): Promise<Answer> {
  const { statement, plan } = operations.prepareAs(SHOWN_NULLS, request);
  const shown = await database.text(statement, caller);
  const text = typeof shown === "string" ? shown : new TextDecoder().decode(shown);
  const { data, errors } = propagateNulls(plan, text, NULL_ERRORS_MAX);
  // The row may have been mended between the two statements.
  if (errors.length === 0) return { body: `{"data":${data}}`, status: 200, failed: false };
  return { body: `{"errors":${JSON.stringify(errors)},"data":${data}}`, status: 200, failed: false, fault };
}
