/**
 * Every error that leaves the system has one of these codes; the table says what a caller may do. What each means stands in
 * `error-titles.ts`, which no server carries with it.
 */
export const ERRORS = {
  PARSE_ERROR: { status: 400, retryable: false },
  VALIDATION_ERROR: { status: 400, retryable: false },
  BAD_USER_INPUT: { status: 400, retryable: false },
  NULL_FILTER: { status: 400, retryable: false },
  BAD_CURSOR: { status: 400, retryable: false },
  REQUEST_ERROR: { status: 400, retryable: false },
  OPERATION_NOT_FOUND: { status: 400, retryable: false },
  UNAUTHENTICATED: { status: 401, retryable: false },
  FORBIDDEN: { status: 403, retryable: false },
  HOST_NOT_ALLOWED: { status: 421, retryable: false },
  NOT_FOUND: { status: 404, retryable: false },
  METHOD_NOT_ALLOWED: { status: 405, retryable: false },
  NOT_ACCEPTABLE: { status: 406, retryable: false },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, retryable: false },
  PAYLOAD_TOO_LARGE: { status: 413, retryable: false },
  DEPTH_LIMIT: { status: 400, retryable: false },
  ALIAS_LIMIT: { status: 400, retryable: false },
  ROOT_FIELD_LIMIT: { status: 400, retryable: false },
  FIELD_LIMIT: { status: 400, retryable: false },
  INPUT_LIMIT: { status: 400, retryable: false },
  TOKEN_LIMIT: { status: 400, retryable: false },
  PAGE_LIMIT: { status: 400, retryable: false },
  RESPONSE_LIMIT: { status: 400, retryable: false },
  EXPORT_LIMIT: { status: 400, retryable: false },
  FILTER_MISSING: { status: 400, retryable: false },
  MUTATION_LIMIT: { status: 400, retryable: false },
  UNIQUE_VIOLATED: { status: 409, retryable: false },
  FOREIGN_KEY_VIOLATED: { status: 409, retryable: false },
  EXCLUSION_VIOLATED: { status: 409, retryable: false },
  VALUE_MISSING: { status: 422, retryable: false },
  CHECK_VIOLATED: { status: 422, retryable: false },
  OUTCOME_UNKNOWN: { status: 500, retryable: false },
  IDEMPOTENCY_KEY_INVALID: { status: 400, retryable: false },
  IDEMPOTENCY_KEY_REUSED: { status: 422, retryable: false },
  IDEMPOTENCY_KEY_IN_USE: { status: 409, retryable: true },
  NOT_NULL_VIOLATED: { status: 500, retryable: false },
  VALUE_NOT_REPRESENTABLE: { status: 422, retryable: false },
  STATEMENT_TIMEOUT: { status: 503, retryable: true },
  REQUEST_CANCELLED: { status: 499, retryable: true },
  DATABASE_UNAVAILABLE: { status: 503, retryable: true },
  SERVER_STOPPING: { status: 503, retryable: true },
  RULE_INVALID: { status: 422, retryable: false },
  RULES_CHANGED: { status: 409, retryable: false },
  BUS_UNAVAILABLE: { status: 503, retryable: true },
  QUEUE_UNAVAILABLE: { status: 503, retryable: true },
  SECRET_UNAVAILABLE: { status: 503, retryable: true },
  EXPORTS_MISSING: { status: 501, retryable: false },
  DATABASE_ERROR: { status: 500, retryable: false },
  SCHEMA_INVALID: { status: 500, retryable: false },
  ARTIFACT_INVALID: { status: 500, retryable: false },
  ARTIFACT_MISMATCH: { status: 500, retryable: false },
  MIGRATION_DRIFT: { status: 500, retryable: false },
  SCHEMA_FOREIGN: { status: 500, retryable: false },
  CONFIG_INVALID: { status: 500, retryable: false },
  INTERNAL_ERROR: { status: 500, retryable: false },
} as const satisfies Record<string, { status: number; retryable: boolean }>;

export type ErrorCode = keyof typeof ERRORS;

const RETRY_AFTER_SECONDS = 1;

/** What `Retry-After` says, in seconds: of each 503 that may pass, and of nothing else. */
export function retryAfterSeconds(code: ErrorCode): number | undefined {
  const { status, retryable } = ERRORS[code];
  return status === 503 && retryable ? RETRY_AFTER_SECONDS : undefined;
}

/** The one error class. `message` is for the caller and holds neither SQL nor secrets; `cause` is for the log. */
export class FraiseqlError extends Error {
  readonly code: ErrorCode;
  /** Extra facts for `extensions`, e.g. `{ limit: 10, path: [...] }`. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, options: { details?: Record<string, unknown>; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "FraiseqlError";
    this.code = code;
    this.details = options.details ?? {};
  }
}

/** A failure as one that may be told: what nobody has thought of says nothing of itself. */
export function knownError(failure: unknown): FraiseqlError {
  return failure instanceof FraiseqlError
    ? failure
    : new FraiseqlError("INTERNAL_ERROR", "A fault in FraiseQL.", { cause: failure });
}

/** One entry of a response's `errors`, as the GraphQL specification shapes it. */
export type ResponseError = {
  readonly message: string;
  readonly locations?: readonly { readonly line: number; readonly column: number }[];
  readonly path?: readonly (string | number)[];
  readonly extensions: { readonly code: ErrorCode } & Readonly<Record<string, unknown>>;
};

/** A request that was refused before execution: everything that is wrong with it, at once. */
export class RequestFailed extends Error {
  readonly errors: readonly ResponseError[];
  /** HTTP status for `application/graphql-response+json`. */
  readonly status: number;

  constructor(errors: readonly ResponseError[]) {
    super(errors[0]?.message ?? "request failed");
    this.name = "RequestFailed";
    this.errors = errors;
    this.status = errors[0] ? ERRORS[errors[0].extensions.code].status : 400;
  }
}
