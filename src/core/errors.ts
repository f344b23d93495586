/** Every error that leaves the system has one of these codes; the table says what it means to a caller. */
export const ERRORS = {
  PARSE_ERROR: { status: 400, retryable: false, title: "The document is not GraphQL." },
  VALIDATION_ERROR: { status: 400, retryable: false, title: "The document does not fit the schema." },
  BAD_USER_INPUT: { status: 400, retryable: false, title: "A variable or argument has a wrong value." },
  NULL_FILTER: { status: 400, retryable: false, title: "A filter was given null; leave it out or use isNull." },
  BAD_CURSOR: { status: 400, retryable: false, title: "The cursor is not one of this list and order." },
  REQUEST_ERROR: { status: 400, retryable: false, title: "The HTTP request is not a GraphQL request." },
  OPERATION_NOT_FOUND: { status: 400, retryable: false, title: "The document has no such operation." },
  UNAUTHENTICATED: { status: 401, retryable: false, title: "The request needs a token." },
  FORBIDDEN: { status: 403, retryable: false, title: "Who asks may not do this." },
  HOST_NOT_ALLOWED: { status: 421, retryable: false, title: "Operations are not answered for this host name." },
  NOT_FOUND: { status: 404, retryable: false, title: "There is nothing under this path." },
  METHOD_NOT_ALLOWED: { status: 405, retryable: false, title: "The HTTP method is not allowed here." },
  NOT_ACCEPTABLE: { status: 406, retryable: false, title: "No media type of the Accept header can be given." },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, retryable: false, title: "The body's media type is not supported." },
  PAYLOAD_TOO_LARGE: { status: 413, retryable: false, title: "The body is larger than the limit." },
  DEPTH_LIMIT: { status: 400, retryable: false, title: "The selection is nested deeper than the limit." },
  ALIAS_LIMIT: { status: 400, retryable: false, title: "The document has more aliases than the limit." },
  ROOT_FIELD_LIMIT: { status: 400, retryable: false, title: "The operation has more root fields than the limit." },
  FIELD_LIMIT: { status: 400, retryable: false, title: "The operation has more fields than the limit." },
  INPUT_LIMIT: { status: 400, retryable: false, title: "The input values are more, or nested deeper, than the limit." },
  TOKEN_LIMIT: { status: 400, retryable: false, title: "The document has more tokens than the limit." },
  PAGE_LIMIT: { status: 400, retryable: false, title: "A list is longer than the page limit; give a limit." },
  RESPONSE_LIMIT: { status: 400, retryable: false, title: "The answer is larger than the limit." },
  EXPORT_LIMIT: {
    status: 400,
    retryable: false,
    title: "The table has more rows than the export limit; give a limit.",
  },
  FILTER_MISSING: {
    status: 400,
    retryable: false,
    title: "An update or a delete has no filter; write `all: true` to mean every row.",
  },
  MUTATION_LIMIT: { status: 400, retryable: false, title: "A mutation changes more rows than the limit." },
  UNIQUE_VIOLATED: { status: 409, retryable: false, title: "Another row has these values already." },
  FOREIGN_KEY_VIOLATED: {
    status: 409,
    retryable: false,
    title: "A row that is referred to is not there, or is still referred to.",
  },
  EXCLUSION_VIOLATED: { status: 409, retryable: false, title: "The values exclude those of another row." },
  VALUE_MISSING: { status: 422, retryable: false, title: "A column that takes no null was given none." },
  CHECK_VIOLATED: { status: 422, retryable: false, title: "A value does not pass a check of the database." },
  OUTCOME_UNKNOWN: {
    status: 500,
    retryable: false,
    title: "The connection was lost while the change was being committed; it may have happened.",
  },
  IDEMPOTENCY_KEY_INVALID: { status: 400, retryable: false, title: "The Idempotency-Key header cannot be used." },
  IDEMPOTENCY_KEY_REUSED: { status: 422, retryable: false, title: "The key belongs to another request." },
  IDEMPOTENCY_KEY_IN_USE: {
    status: 409,
    retryable: true,
    title: "The first request with this key is not answered yet.",
  },
  NOT_NULL_VIOLATED: { status: 500, retryable: false, title: "A field declared non-null holds a null." },
  VALUE_NOT_REPRESENTABLE: { status: 422, retryable: false, title: "A value has no form in the asked-for table." },
  STATEMENT_TIMEOUT: { status: 503, retryable: true, title: "The statement ran longer than the limit." },
  REQUEST_CANCELLED: { status: 499, retryable: true, title: "The client went away." },
  DATABASE_UNAVAILABLE: { status: 503, retryable: true, title: "The database cannot be reached or is full." },
  SERVER_STOPPING: { status: 503, retryable: true, title: "The server is stopping." },
  RULE_INVALID: { status: 422, retryable: false, title: "A rule does not fit the schema or its form." },
  RULES_CHANGED: { status: 409, retryable: false, title: "Somebody else changed the rules in the meantime." },
  BUS_UNAVAILABLE: { status: 503, retryable: true, title: "The event bus cannot be reached." },
  QUEUE_UNAVAILABLE: { status: 503, retryable: true, title: "The job queue cannot be reached." },
  SECRET_UNAVAILABLE: { status: 503, retryable: true, title: "A secret cannot be read." },
  DATABASE_ERROR: { status: 500, retryable: false, title: "The database refused the statement." },
  SCHEMA_INVALID: { status: 500, retryable: false, title: "The schema description is not valid." },
  ARTIFACT_INVALID: { status: 500, retryable: false, title: "The artifact is damaged or of another format." },
  ARTIFACT_MISMATCH: { status: 500, retryable: false, title: "The artifact does not fit the database." },
  MIGRATION_DRIFT: { status: 500, retryable: false, title: "The schema fraiseql is of another version." },
  SCHEMA_FOREIGN: { status: 500, retryable: false, title: "Others have a hand in the schema fraiseql." },
  CONFIG_INVALID: { status: 500, retryable: false, title: "The configuration is not valid." },
  INTERNAL_ERROR: { status: 500, retryable: false, title: "A fault in FraiseQL." },
} as const satisfies Record<string, { status: number; retryable: boolean; title: string }>;

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
