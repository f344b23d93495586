/** From whatever goes wrong on a connection to a `FraiseqlError`; the error itself stays behind as `cause`. */
import { FraiseqlError } from "../../../core/errors.ts";
import type { Statement } from "../../../ports/database.ts";
import { type Meaning, meaningOf } from "./sqlstate.ts";
import { markedMeaning } from "./sqlstate-markers.ts";
import { ServerError } from "./wire-reader.ts";

const BAD_PATH: Meaning = { code: "BAD_USER_INPUT", message: "A JSON path is not valid." };

const SAME_KEY: Meaning = {
  code: "BAD_USER_INPUT",
  message: "Two of the rows have the same key; an upsert writes each row once.",
};

const AGAINST_POLICY: Meaning = {
  code: "FORBIDDEN",
  message: "A policy of the database does not allow the row that would be written.",
};

/** PostgreSQL reports a malformed `jsonpath` value as a syntax error of the statement, but for the function that found it. */
function isPathError({ sqlstate, routine }: ServerError): boolean {
  return sqlstate === "42601" && routine.startsWith("jsonpath");
}

/** The state is that of any subquery with two rows. */
function isTwiceInUpsert({ sqlstate, routine }: ServerError): boolean {
  return sqlstate === "21000" && routine === "ExecOnConflictUpdate";
}

/** The state is that of any right that is missing. */
function isAgainstPolicy({ sqlstate, routine }: ServerError): boolean {
  return sqlstate === "42501" && routine === "ExecWithCheckOptions";
}

/** A value a client sent may read like a marker; in whatever language, the context then names `$1` or another. */
const isAboutParameter = ({ context }: ServerError): boolean => /\$\d/.test(context);

/** With these the server says that a prepared statement is not there, as after an error in it, or that its table changed. */
const STALE: ReadonlySet<string> = new Set(["FetchPreparedStatement", "RevalidateCachedQuery"]);

/** True when the statement may be sent once more, prepared anew. */
export function isStale({ routine }: ServerError): boolean {
  return STALE.has(routine);
}

/** The error of a caller that went away: it reaches nobody. */
export function cancelled(): FraiseqlError {
  return new FraiseqlError("REQUEST_CANCELLED", "The client went away.");
}

/** States that comparing with a value never leads to, once PostgreSQL has read it: then it is a stored one that fails. */
const OF_COMPUTATIONS = new Set([
  "22000",
  "22001",
  "22003",
  "22007",
  "22008",
  "22015",
  "22021",
  "22P02",
  "22P03",
  "22P05",
]);

/** PostgreSQL says which parameter it cannot read; of what fails later it does not say which values were at fault. */
function mayBeInput(error: ServerError, statement: Statement): boolean {
  if (isAboutParameter(error)) return true;
  if (statement.values.length === 0) return false;
  return !statement.onlyCompares || !OF_COMPUTATIONS.has(error.sqlstate);
}

function dataError(error: ServerError): FraiseqlError {
  const message = "A value in the database does not fit what the operation makes of it.";
  return new FraiseqlError("DATABASE_ERROR", message, { details: { sqlstate: error.sqlstate }, cause: error });
}

/** Where the function that failed says more than the state. */
function specialMeaning(error: ServerError): Meaning | undefined {
  if (isPathError(error)) return BAD_PATH;
  if (isTwiceInUpsert(error)) return SAME_KEY;
  return isAgainstPolicy(error) ? AGAINST_POLICY : undefined;
}

/** Whoever waits while the server stops. */
export function stopping(): FraiseqlError {
  return new FraiseqlError("DATABASE_UNAVAILABLE", "The server is stopping.");
}

/** True when the connection may serve the next statement after this error. */
export function leavesConnectionUsable(error: unknown): boolean {
  return error instanceof ServerError && error.severity === "ERROR";
}

/** The error as callers of the ports see it. */
/** @param statement - what was running */
export function asFraiseqlError(error: unknown, statement: Statement): FraiseqlError {
  if (error instanceof FraiseqlError) return error;
  if (!(error instanceof ServerError)) {
    return new FraiseqlError("DATABASE_UNAVAILABLE", "The database is not reachable; try again shortly.", {
      cause: error,
    });
  }
  const marked = error.sqlstate === "22P02" && !isAboutParameter(error) ? markedMeaning(error.message) : undefined;
  if (marked) return new FraiseqlError(marked.code, marked.message, { details: { at: marked.where }, cause: error });
  const meaning = specialMeaning(error) ?? meaningOf(error.sqlstate);
  if (meaning.code === "BAD_USER_INPUT" && !mayBeInput(error, statement)) return dataError(error);
  return new FraiseqlError(meaning.code, meaning.message, { details: { sqlstate: error.sqlstate }, cause: error });
}
