/** From whatever the driver throws to a `FraiseqlError`; the driver's own error stays behind as `cause`. */
import { FraiseqlError } from "../../core/errors.ts";
import { meaningOf } from "./sqlstate.ts";
import { markedMeaning } from "./sqlstate-markers.ts";

/** PostgreSQL answered with an error: the connection itself is fine unless the severity says otherwise. */
type ServerError = Error & { readonly code: string; readonly severity: string };

function isServerError(error: unknown): error is ServerError {
  return error instanceof Error && error.name === "PostgresError" && "severity" in error;
}

/** True when the connection may serve the next statement after this error. */
export function leavesConnectionUsable(error: unknown): boolean {
  return isServerError(error) && error.severity === "ERROR";
}

export function asFraiseqlError(error: unknown): FraiseqlError {
  if (error instanceof FraiseqlError) return error;
  if (!isServerError(error)) {
    return new FraiseqlError("DATABASE_UNAVAILABLE", "The database is not reachable; try again shortly.", {
      cause: error,
    });
  }
  const marked = error.code === "22P02" ? markedMeaning(error.message) : undefined;
  if (marked) return new FraiseqlError(marked.code, marked.message, { details: { at: marked.where }, cause: error });
  const meaning = meaningOf(error.code);
  return new FraiseqlError(meaning.code, meaning.message, { details: { sqlstate: error.code }, cause: error });
}
