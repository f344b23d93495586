/** One GraphQL request from its text to the bytes of its answer. */
import { type ErrorCode, FraiseqlError } from "../../core/errors.ts";
import type { OperationRequest, Operations, Prepared, PreparedWrite } from "../../core/operations.ts";
import type { Caller, Database } from "../../ports/database.ts";
import { type Answer, answerFailure, type LongAnswer } from "./answer.ts";

export type QueryParts = {
  readonly operations: Operations;
  readonly database: Database;
  /** Answers long lists with a stream, rejecting as a statement does; it is loaded when the first one comes. Absent: all are read whole. */
  readonly stream?: (request: OperationRequest, caller?: Caller) => Promise<Answer | LongAnswer>;
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
): Promise<Answer | LongAnswer> {
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
  const { stream } = parts;
  try {
    if (prepared.list === "long" && stream) return await stream(request, caller);
    return { body: await parts.database.text(prepared.statement, caller), status: 200, failed: false };
  } catch (error) {
    if (isOf(error, "PAGE_LIMIT") && prepared.list === "open" && stream) {
      return stream(request, caller).catch((later) => answerFailedRead(parts, request, caller, later));
    }
    return answerFailedRead(parts, request, caller, error);
  }
}

function answerFailedRead(
  parts: QueryParts,
  request: OperationRequest,
  caller: Caller | undefined,
  error: unknown,
): Answer | Promise<Answer> {
  return isOf(error, "NOT_NULL_VIOLATED") ? answerPartially(parts, request, caller, error) : answerFailure(error);
}

function isOf(error: unknown, code: ErrorCode): error is FraiseqlError {
  return error instanceof FraiseqlError && error.code === code;
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
