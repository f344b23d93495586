import type { Statement } from "../core/sql/statement.ts";

export type { Statement };

/**
 * Who waits for an answer: an abort of `signal` cancels the statement on the server and rejects with
 * `REQUEST_CANCELLED`. It is read only when an answer takes long, so a request can be given as it is.
 */
export type Caller = { readonly signal?: AbortSignal };

/** What the flows need of PostgreSQL. Failures are `FraiseqlError`s with a stable code; nothing of the driver shows. */
export interface Database {
  /** Runs a statement whose single row has a single text column, and returns that text untouched. */
  text(statement: Statement, caller?: Caller): Promise<string | Uint8Array>;
  /** Rows as arrays of text values, for introspection, checks and EXPLAIN: never on the path of an operation. */
  rows(statement: Statement, caller?: Caller): Promise<readonly (readonly (string | null)[])[]>;
  close(): Promise<void>;
}
