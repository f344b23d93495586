/** What every operation ends with, also one that failed. */
import { ERRORS, knownError, RequestFailed, type ResponseError, retryAfterSeconds } from "../../core/errors.ts";

export type Answer = {
  /** The whole body, but of a `LongAnswer`. PostgreSQL made it, or it holds errors. */
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

/** An answer of which the first bytes are there. */
export type LongAnswer = Answer & {
  readonly body: Uint8Array;
  /** What follows, made as it is taken; throws when the database fails in the middle. Leaving it early cancels the statement. */
  readonly rest: AsyncIterableIterator<Uint8Array>;
};

/** The answer to an operation that failed, for whatever reason. */
export function answerFailure(error: unknown): Answer {
  if (error instanceof RequestFailed) return refused(error.errors, error.status);
  const known = knownError(error);
  const { status } = ERRORS[known.code];
  const answer = refused([{ message: known.message, extensions: { ...known.details, code: known.code } }], status);
  if (status < 500) return answer;
  const fault = known.cause ?? known;
  const seconds = retryAfterSeconds(known.code);
  return { ...answer, fault, ...(seconds !== undefined && { retryAfterSeconds: seconds }) };
}

function refused(errors: readonly ResponseError[], status: number): Answer {
  return { body: JSON.stringify({ errors }), status, failed: true };
}
