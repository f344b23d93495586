/** One GraphQL request from its text to the bytes of its answer. */
import { type ErrorCode, FraiseqlError } from "../../core/errors.ts";
import type { OperationRequest, Operations, Prepared, PreparedWrite } from "../../core/operations.ts";
import type { Caller, Database } from "../../ports/database.ts";
import { type Answer, answerFailure, type LongAnswer } from "./answer.ts";
import { answerWithNulls } from "./answer-with-nulls.ts";

export type QueryParts = {
  readonly operations: Operations;
  readonly database: Database;
  /** Told of each request that is no long list. */
  readonly quick?: () => void;
  /** Answers long lists with a stream, rejecting as a statement does. Absent: all are read whole. */
  readonly stream?: (request: OperationRequest, caller?: Caller) => Promise<Answer | LongAnswer>;
  /** Answers mutations. Absent where nothing may be written. */
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
export function answerQuery(
  parts: QueryParts,
  request: OperationRequest,
  caller?: Caller,
  writing?: () => Writing,
): Promise<Answer | LongAnswer> {
  let prepared: Prepared;
  try {
    prepared = parts.operations.prepare(request);
  } catch (error) {
    return Promise.resolve(answerFailure(error));
  }
  if (prepared.kind === "statement") return answerRead(parts, prepared, request, caller);
  if (prepared.kind === "finished") return Promise.resolve({ body: prepared.body, status: 200, failed: false });
  if (!parts.mutate) return Promise.resolve(answerFailure(readOnly()));
  if (!writing) return Promise.resolve(refusedGet());
  const { traceparent, idempotencyKey } = writing();
  parts.quick?.();
  return parts.mutate(prepared.writes, { request, traceparent, idempotencyKey }, caller);
}

function readOnly(): FraiseqlError {
  return new FraiseqlError("FORBIDDEN", "This server answers queries only.");
}

function refusedGet(): Answer {
  const message = "A mutation has to be sent with POST; GET never changes anything.";
  return { ...answerFailure(new FraiseqlError("METHOD_NOT_ALLOWED", message)), isOfHttp: true };
}

async function answerRead(
  parts: QueryParts,
  { statement, list }: Extract<Prepared, { kind: "statement" }>,
  request: OperationRequest,
  caller: Caller | undefined,
): Promise<Answer | LongAnswer> {
  const { stream } = parts;
  if (list === undefined) parts.quick?.();
  try {
    if (list === "long" && stream) return await stream(request, caller);
    return { body: await parts.database.text(statement, caller), status: 200, failed: false };
  } catch (error) {
    if (isOf(error, "PAGE_LIMIT") && list === "open" && stream) {
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

async function answerPartially(
  parts: QueryParts,
  request: OperationRequest,
  caller: Caller | undefined,
  fault: FraiseqlError,
): Promise<Answer> {
  try {
    return await answerWithNulls(parts, request, caller, fault);
  } catch (error) {
    return answerFailure(error);
  }
}
