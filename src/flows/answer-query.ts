/** One GraphQL request from its text to the bytes of its answer. */
import { ERRORS, FraiseqlError, RequestFailed, type ResponseError } from "../core/errors.ts";
import type { OperationRequest, Operations, Prepared } from "../core/operations.ts";
import type { Caller, Database } from "../ports/database.ts";
import { answerWithNulls } from "./answer-with-nulls.ts";

export type Answer = {
  /** The whole body. PostgreSQL made it, or it holds errors. */
  readonly body: string | Uint8Array;
  /** For `application/graphql-response+json`. */
  readonly status: number;
  /** The body has no `data`. */
  readonly failed: boolean;
  readonly retryAfterSeconds?: number;
  /** For the log: the error behind a status of 500 and above, or behind partial data. No more of it than its message is in the body. */
  readonly fault?: unknown;
};

export type QueryParts = { readonly operations: Operations; readonly database: Database };

const RETRY_AFTER_SECONDS = 1;

/** Never throws: a refused request and a failed statement are answers too. */
export async function answerQuery(parts: QueryParts, request: OperationRequest, caller?: Caller): Promise<Answer> {
  let prepared: Prepared;
  try {
    prepared = parts.operations.prepare(request);
  } catch (error) {
    return answerFailure(error);
  }
  if (prepared.kind === "finished") return { body: prepared.body, status: 200, failed: false };
  try {
    return { body: await parts.database.text(prepared.statement, caller), status: 200, failed: false };
  } catch (error) {
    if (error instanceof FraiseqlError && error.code === "NOT_NULL_VIOLATED") {
      return answerWithNulls(parts, request, caller, error).catch(answerFailure);
    }
    return answerFailure(error);
  }
}

/** The answer to an operation that failed, for whatever reason. */
export function answerFailure(error: unknown): Answer {
  if (error instanceof RequestFailed) return refused(error.errors, error.status);
  const known =
    error instanceof FraiseqlError
      ? error
      : new FraiseqlError("INTERNAL_ERROR", ERRORS.INTERNAL_ERROR.title, { cause: error });
  const { status, retryable } = ERRORS[known.code];
  const answer = refused([{ message: known.message, extensions: { ...known.details, code: known.code } }], status);
  if (status < 500) return answer;
  const fault = known.cause ?? known;
  return retryable && status === 503
    ? { ...answer, fault, retryAfterSeconds: RETRY_AFTER_SECONDS }
    : { ...answer, fault };
}

function refused(errors: readonly ResponseError[], status: number): Answer {
  return { body: JSON.stringify({ errors }), status, failed: true };
}
