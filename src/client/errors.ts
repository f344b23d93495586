import type { ErrorCode } from "../core/errors.ts";

/**
 * UNREACHABLE: no answer came, or it broke off. UNEXPECTED_RESPONSE: the answer is not one of a FraiseQL server.
 * TABLE_TRUNCATED: a table ended before its end marker. TABLE_MALFORMED: its bytes are no Arrow IPC stream. The other
 * codes are the server's; a newer server may have more of them.
 */
export type ClientErrorCode =
  | "UNREACHABLE"
  | "UNEXPECTED_RESPONSE"
  | "TABLE_TRUNCATED"
  | "TABLE_MALFORMED"
  | ErrorCode
  | (string & {});

export type ClientErrorOptions = {
  readonly cause?: unknown;
  readonly status?: number | undefined;
  readonly retryAfterMs?: number | undefined;
};

/** Everything a call rejects with, except an abort, which rejects with the signal's own reason. */
export class ClientError extends Error {
  readonly code: ClientErrorCode;
  /** HTTP status, where an answer came. */
  readonly status: number | undefined;
  /** What the server's `Retry-After` asks for. */
  readonly retryAfterMs: number | undefined;

  constructor(code: ClientErrorCode, message: string, { cause, status, retryAfterMs }: ClientErrorOptions = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "ClientError";
    this.code = code;
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}

/** One entry of a response's `errors`. */
export type GraphqlProblem = {
  readonly message: string;
  readonly locations?: readonly { readonly line: number; readonly column: number }[];
  readonly path?: readonly (string | number)[];
  readonly extensions?: { readonly code?: ClientErrorCode } & Readonly<Record<string, unknown>>;
};

/** The server answered with errors. `code` and `message` are those of the first. */
export class GraphqlError extends ClientError {
  readonly errors: readonly GraphqlProblem[];
  /** The part of the result that could be given, if any. */
  readonly data: unknown;

  constructor(errors: readonly GraphqlProblem[], data: unknown, options: ClientErrorOptions) {
    const [first] = errors;
    super(first?.extensions?.code ?? "UNEXPECTED_RESPONSE", first?.message ?? "The server gives no reason.", options);
    this.name = "GraphqlError";
    this.errors = errors;
    this.data = data;
  }
}

/** A table that ended before its end marker: what came is a part, and nothing says how large a part. */
export class TableTruncated extends ClientError {
  /** Rows and bytes that had come. */
  readonly rows: number;
  readonly bytes: number;

  constructor(rows: number, bytes: number, cause?: unknown) {
    super("TABLE_TRUNCATED", `The table broke off after ${rows} rows (${bytes} bytes); ask for it again.`, { cause });
    this.name = "TableTruncated";
    this.rows = rows;
    this.bytes = bytes;
  }
}

/** @param what - is wrong, in words that end the sentence */
export function malformed(what: string, cause?: unknown): ClientError {
  return new ClientError("TABLE_MALFORMED", `The table is not an Arrow IPC stream: ${what}.`, { cause });
}
