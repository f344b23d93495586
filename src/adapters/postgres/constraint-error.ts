/** Violated constraints: what kind, which one, and of which columns. */
import { type ErrorCode, FraiseqlError } from "../../core/errors.ts";
import type { ServerError } from "./connection/wire-reader.ts";

type Kind = { readonly code: ErrorCode; readonly message: string };

const FOREIGN_KEY: Kind = {
  code: "FOREIGN_KEY_VIOLATED",
  message: "A row that is referred to is not there, or is still referred to.",
};

/** https://www.postgresql.org/docs/18/errcodes-appendix.html, class 23 */
const KINDS: Readonly<Record<string, Kind>> = {
  // RESTRICT has a state of its own since PostgreSQL 18.
  "23001": FOREIGN_KEY,
  "23502": { code: "VALUE_MISSING", message: "A value is missing where one is needed." },
  "23503": FOREIGN_KEY,
  "23505": { code: "UNIQUE_VIOLATED", message: "Another row has these values already." },
  "23514": { code: "CHECK_VIOLATED", message: "A value does not pass a check of the database." },
  "23P01": { code: "EXCLUSION_VIOLATED", message: "The values exclude those of another row." },
};

/**
 * The error for a violated constraint, or undefined for any other. `columns` are as far as PostgreSQL names them; of a domain it
 * names the type alone.
 */
export function constraintError(error: ServerError): FraiseqlError | undefined {
  const kind = KINDS[error.sqlstate];
  if (!kind) return undefined;
  const { constraint, table } = error;
  // What a function says of a domain may be about any table.
  const domain = error.context === "" ? error.dataType : undefined;
  const columns = error.column === undefined ? columnsIn(error.detail) : [error.column];
  return new FraiseqlError(kind.code, kind.message, {
    details: {
      ...(constraint !== undefined && { constraint }),
      ...(table && { table }),
      ...(domain && { domain }),
      columns,
    },
    cause: error,
  });
}

/**
 * `Key (a, "b c")=(1, 2) …`, and of a row without a partition `… (a, "b c") = (1, 2).`: in every language the names come first.
 * Expressions among them stay as they are.
 */
function columnsIn(detail: string): readonly string[] {
  const names = /\(((?:"(?:[^"]|"")*"|[^()"]|\([^()]*\))+)\) ?= ?\(/.exec(detail)?.[1];
  if (names === undefined) return [];
  return (names.match(/"(?:[^"]|"")*"|[^,\s][^,]*/g) ?? []).map((name) =>
    name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name,
  );
}
