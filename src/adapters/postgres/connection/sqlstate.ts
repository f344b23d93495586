/** What each failure PostgreSQL reports means to a caller: SQLSTATE to error code, in one table. */
import type { ErrorCode } from "../../../core/errors.ts";

export type Meaning = { readonly code: ErrorCode; readonly message: string };

const unavailable = (message: string): Meaning => ({ code: "DATABASE_UNAVAILABLE", message });
const badInput = (message: string): Meaning => ({ code: "BAD_USER_INPUT", message });
const GONE: Meaning = unavailable("The database is not reachable; try again shortly.");
const BAD_VALUE: Meaning = {
  code: "BAD_USER_INPUT",
  message: "A value does not fit the type it is compared with or cast to.",
};
const CHANGED: Meaning = {
  code: "ARTIFACT_MISMATCH",
  message: "The database has changed since the schema was compiled; run `fraiseql check`, then compile again.",
};

/** Exact states win over their class (the first two characters). https://www.postgresql.org/docs/18/errcodes-appendix.html */
const STATES: Readonly<Record<string, Meaning>> = {
  "08": GONE,
  "53": unavailable("The database is out of a resource; try again shortly."),
  "53100": unavailable("The database's disk is full; it can write when there is room."),
  "53300": unavailable("The database has no free connection; try again shortly."),
  "57P01": GONE,
  "57P02": GONE,
  "57P03": unavailable("The database is starting or stopping; try again shortly."),
  "57P05": GONE,
  "58": unavailable("The database has a system fault; try again shortly."),
  "40": unavailable("The statement met a conflict in the database; try again."),
  "28": unavailable("The database refuses the user or password in the connection URL."),
  "3D000": unavailable("The database named in the connection URL does not exist."),
  "57P04": unavailable("The database named in the connection URL was dropped."),
  "57014": { code: "STATEMENT_TIMEOUT", message: "The statement ran longer than the limit; ask for less." },
  "55P03": { code: "STATEMENT_TIMEOUT", message: "The statement waited too long for a lock." },
  // Bounds of a range that are the wrong way round.
  "22000": BAD_VALUE,
  "22001": badInput("A text is longer than its column takes."),
  "22P02": BAD_VALUE,
  "22P03": BAD_VALUE,
  "22P05": BAD_VALUE,
  "22003": badInput("A number is outside the range of its type."),
  "22007": badInput("A date or time is not written as its type wants it."),
  "22008": badInput("A date or time is outside the range of its type."),
  "22009": badInput("A time zone is not valid."),
  "22015": badInput("A duration is outside the range of its type."),
  "22021": badInput("A text holds a character the database cannot store."),
  "22023": BAD_VALUE,
  "22025": badInput("A pattern ends with its escape character."),
  "2201B": badInput("A regular expression is not valid."),
  "2201W": badInput("A limit is not valid."),
  "2201X": badInput("An offset is not valid."),
  "42P01": CHANGED,
  "42703": CHANGED,
  "42704": CHANGED,
  "42804": CHANGED,
  "42883": CHANGED,
  "3F000": CHANGED,
  "25006": {
    code: "DATABASE_ERROR",
    message: "This would write where nothing may: in a query, or in a database that is read-only, such as a standby.",
  },
  "42501": { code: "DATABASE_ERROR", message: "The database role lacks a right that this operation needs." },
  "54": { code: "DATABASE_ERROR", message: "The operation is too large for the database; ask for less." },
  "54000": { code: "RESPONSE_LIMIT", message: "The answer is larger than the database can make; ask for less." },
  "54001": {
    code: "INPUT_LIMIT",
    message: "The operation, or a value in it, is nested deeper than the database reads.",
  },
};

/** @param sqlstate - the five characters PostgreSQL reports */
export function meaningOf(sqlstate: string): Meaning {
  return (
    STATES[sqlstate] ??
    STATES[sqlstate.slice(0, 2)] ?? { code: "DATABASE_ERROR", message: "The database could not run the operation." }
  );
}
