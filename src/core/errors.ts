/** The same request fails again. */
const final = (status: number) => ({ status, retryable: false });
/** The same request may succeed later. */
const passing = (status: number) => ({ status, retryable: true });

/**
 * Every error that leaves the system has one of these codes; the table says what a caller may do. What each means stands in
 * `error-titles.ts`, which no server carries with it.
 */
export const ERRORS = {
  PARSE_ERROR: final(400),
  VALIDATION_ERROR: final(400),
  BAD_USER_INPUT: final(400),
  NULL_FILTER: final(400),
  BAD_CURSOR: final(400),
  REQUEST_ERROR: final(400),
  OPERATION_NOT_FOUND: final(400),
  UNAUTHENTICATED: final(401),
  FORBIDDEN: final(403),
  HOST_NOT_ALLOWED: final(421),
  NOT_FOUND: final(404),
  METHOD_NOT_ALLOWED: final(405),
  NOT_ACCEPTABLE: final(406),
  UNSUPPORTED_MEDIA_TYPE: final(415),
  PAYLOAD_TOO_LARGE: final(413),
  DEPTH_LIMIT: final(400),
  ALIAS_LIMIT: final(400),
  ROOT_FIELD_LIMIT: final(400),
  FIELD_LIMIT: final(400),
  INPUT_LIMIT: final(400),
  TOKEN_LIMIT: final(400),
  PAGE_LIMIT: final(400),
  RESPONSE_LIMIT: final(400),
  EXPORT_LIMIT: final(400),
  FILTER_MISSING: final(400),
  MUTATION_LIMIT: final(400),
  UNIQUE_VIOLATED: final(409),
  FOREIGN_KEY_VIOLATED: final(409),
  EXCLUSION_VIOLATED: final(409),
  VALUE_MISSING: final(422),
  CHECK_VIOLATED: final(422),
  OUTCOME_UNKNOWN: final(500),
  IDEMPOTENCY_KEY_INVALID: final(400),
  IDEMPOTENCY_KEY_REUSED: final(422),
  IDEMPOTENCY_KEY_IN_USE: passing(409),
  NOT_NULL_VIOLATED: final(500),
  VALUE_NOT_REPRESENTABLE: final(422),
  STATEMENT_TIMEOUT: passing(503),
  REQUEST_CANCELLED: passing(499),
  DATABASE_UNAVAILABLE: passing(503),
  SERVER_STOPPING: passing(503),
  RULE_INVALID: final(422),
  RULES_CHANGED: final(409),
  BUS_UNAVAILABLE: passing(503),
  QUEUE_UNAVAILABLE: passing(503),
  SECRET_UNAVAILABLE: passing(503),
  EXPORTS_MISSING: final(501),
  DATABASE_ERROR: final(500),
  SCHEMA_INVALID: final(500),
  ARTIFACT_INVALID: final(500),
  ARTIFACT_MISMATCH: final(500),
  MIGRATION_DRIFT: final(500),
  SCHEMA_FOREIGN: final(500),
  CONFIG_INVALID: final(500),
  INTERNAL_ERROR: final(500),
} satisfies Record<string, { readonly status: number; readonly retryable: boolean }>;

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
