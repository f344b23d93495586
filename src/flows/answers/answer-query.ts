/** One GraphQL request from its text to the bytes of its answer. */
import { ERRORS, FraiseqlError, RequestFailed, type ResponseError } from "../../core/errors.ts";
import type { OperationRequest, Operations, Prepared, PreparedWrite } from "../../core/operations.ts";
import type { Caller, Database } from "../../ports/database.ts";

export type Answer = {
  /** The whole body. PostgreSQL made it, or it holds errors. */
  readonly body: string | Uint8Array;
  /** For `application/graphql-response+json`. */
  readonly status: number;
  /** The body has no `data`. */
  readonly failed: boolean;
  readonly retryAfterSeconds?: number;
  /** The status is one of HTTP itself, and the same under every media type. */
  readonly isOfHttp?: boolean;
  /** For the log: the error behind a status of 500 and above, or behind partial data. No more of it than its message is in the body. */
  readonly fault?: unknown;
};

export type QueryParts = {
  readonly operations: Operations;
  readonly database: Database;
  /** Answers mutations; it is loaded when the first one comes. Absent where nothing may be written. */
  readonly mutate?: (
    writes: readonly PreparedWrite[],
    writing: Writing & { readonly request: OperationRequest },
    caller?: Caller,
  ) => Promise<Answer>;
};

/** What a request that may write says besides its operation. */
export type Writing = {
  readonly traceparent?: string | undefined;
  /** The value of the `Idempotency-Key` header. */
  readonly idempotencyKey?: string | undefined;
};

const RETRY_AFTER_SECONDS = 1;

/**
 * Never throws: a refused request and a failed statement are answers too.
 *
 * @param writing - absent for a request that may not change anything, such as a GET
 */
export async function answerQuery(
  parts: QueryParts,
  request: OperationRequest,
  caller?: Caller,
  writing?: () => Writing,
): Promise<Answer> {
  let prepared: Prepared;
  try {
    prepared = parts.operations.prepare(request);
  } catch (error) {
    return answerFailure(error);
  }
  if (prepared.kind === "mutation") {
    if (!parts.mutate) return answerFailure(new FraiseqlError("FORBIDDEN", "This server answers queries only."));
    if (!writing) {
      const message = "A mutation has to be sent with POST; GET never changes anything.";
      return { ...answerFailure(new FraiseqlError("METHOD_NOT_ALLOWED", message)), isOfHttp: true };
    }
    return parts.mutate(prepared.writes, { ...writing(), request }, caller);
  }
  if (prepared.kind === "finished") return { body: prepared.body, status: 200, failed: false };
  try {
    return { body: await parts.database.text(prepared.statement, caller), status: 200, failed: false };
  } catch (error) {
    if (error instanceof FraiseqlError && error.code === "NOT_NULL_VIOLATED") {
      return answerPartially(parts, request, caller, error);
    }
    return answerFailure(error);
  }
}

/** Loaded when the first row breaks a promise of the schema: most servers never need it. */
async function answerPartially(
  parts: QueryParts,
  request: OperationRequest,
  caller: Caller | undefined,
  fault: FraiseqlError,
): Promise<Answer> {
  try {
    const { answerWithNulls } = await import("./answer-with-nulls.ts");
    return await answerWithNulls(parts, request, caller, fault);
  } catch (error) {
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
