import type { QualifiedName } from "../core/schema/catalog.ts";
import type { Statement } from "../core/sql/statement.ts";

/** One column of a bulk result, as PostgreSQL describes it. */
export type BulkColumn = {
  readonly name: string;
  /** `pg_type.oid`. */
  readonly typeOid: number;
  /** `atttypmod`, -1 where the type has none. */
  readonly typeModifier: number;
};

/** A result that is being read. It has to be read to its end or closed. */
export type BulkResult = {
  readonly columns: readonly BulkColumn[];
  /**
   * The next bytes from the server's socket: whole `DataRow` messages (`D`, int32 length, int16 count, then int32 length
   * and bytes of each value, big endian) back to back and nothing else; undefined after the last row, which is given
   * only when the server said that the statement is complete. The bytes are valid until the next call. No call, no
   * reading: the server waits.
   */
  read(): Promise<Uint8Array | undefined>;
  /** Stops the statement on the server, if it still runs, and gives the connection up. Never rejects. */
  close(): Promise<void>;
};

export type TogetherOptions = {
  readonly connections: number;
  /** What the statements read, views and all: held as it is from before that moment on. */
  readonly relations: readonly QualifiedName[];
  readonly signal?: AbortSignal;
};

export type InOrderOptions = Omit<TogetherOptions, "connections">;

/** Results too large to be one value: rows in PostgreSQL's binary format, as they come from the socket. */
export interface BulkReader {
  /**
   * Runs a statement with binary result columns. Rejects with a `FraiseqlError` (the same codes as `Database`); so does
   * `read` when the server fails in the middle. An abort of `signal` cancels the statement on the server.
   */
  open(statement: Statement, options?: { readonly signal?: AbortSignal }): Promise<BulkResult>;
  /**
   * Runs statements at the same time, each on a connection of its own, all seeing the database at one moment. Waits for
   * one connection as `open` does and takes as many more as are free, at most `connections` in all; `statementsFor` is then
   * asked for as many statements as there are connections that see it.
   */
  openTogether(
    statementsFor: (count: number) => readonly Statement[],
    options: TogetherOptions,
  ): Promise<readonly BulkResult[]>;
  /**
   * Runs statements with the same columns as one result: the rows of the first, then those of the next. All see the database at
   * one moment. While one is read a second connection sends the next, where one is free and another stays free.
   */
  openInOrder(statements: readonly Statement[], options: InOrderOptions): Promise<BulkResult>;
  close(): Promise<void>;
}
