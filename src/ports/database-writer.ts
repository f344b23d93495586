import type { Statement } from "../core/sql/statement.ts";
import type { Caller } from "./database.ts";

/** Who writes and on what occasion, for the triggers that record it. What is absent reads as empty, or as null. */
export type WriteContext = {
  readonly org?: string;
  readonly actor?: string;
  /** Of the request. https://www.w3.org/TR/trace-context/#traceparent-header */
  readonly traceparent?: string;
  /** The event that led to this write. */
  readonly cause?: string;
};

/** Runs one statement in the open transaction. */
export type WriteStep = (statement: Statement) => Promise<readonly (readonly (string | null)[])[]>;

/**
 * The writing side of PostgreSQL. Failures are `FraiseqlError`s: with every code but `OUTCOME_UNKNOWN` nothing was changed.
 * Triggers read the context from the settings `fraiseql.org`, `fraiseql.actor`, `fraiseql.traceparent` and `fraiseql.cause`,
 * which say nothing any more in the next transaction.
 */
export interface DatabaseWriter {
  /** Runs a statement of a single text value as one transaction, and returns that text untouched; null without a row. */
  write(statement: Statement, context: WriteContext, caller?: Caller): Promise<string | Uint8Array | null>;
  /**
   * Runs several statements as one transaction. It is committed when `work` says so and rolled back when that throws. `work`
   * may be called a second time, on a new transaction, where the first could not begin as planned.
   */
  transaction<T>(
    context: WriteContext,
    work: (step: WriteStep) => Promise<{ readonly commit: boolean; readonly value: T }>,
    caller?: Caller,
  ): Promise<T>;
  close(): Promise<void>;
}
