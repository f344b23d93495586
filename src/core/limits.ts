/** Every upper bound of the system, with its default. A bound is part of the product: each has an error code of its own. */
export type Limits = {
  /** Nesting of a selection set; introspection is not counted. */
  readonly depthMax: number;
  readonly aliasesMax: number;
  readonly rootFieldsMax: number;
  /** Fields of one operation, counted as often as a fragment is spread; introspection is counted too. */
  readonly fieldsMax: number;
  readonly tokensMax: number;
  /** Rows of one list, nested lists included. A list without a `limit` that would be longer is an error, never a short list. */
  readonly pageRowsMax: number;
  /** Rows of one exported table; unlike a page it is streamed. */
  readonly exportRowsMax: number;
  readonly bodyBytesMax: number;
  /** One answer: PostgreSQL could send a gigabyte for a short document of nested lists. */
  readonly responseBytesMax: number;
  readonly statementTimeoutMs: number;
  /** Parsed documents and finished plans kept in memory, least recently used first out. */
  readonly documentsMax: number;
  /** Estimated memory of those, in bytes. */
  readonly cacheBytesMax: number;
  readonly plansPerDocumentMax: number;
  /** Keys and list elements of all variables of one request, and the values its arguments take, together. */
  readonly inputNodesMax: number;
  /** Nesting of input values. */
  readonly inputDepthMax: number;
  /** Terms of one `orderBy`. */
  readonly orderTermsMax: number;
  /** Rows one mutation inserts, updates or deletes. */
  readonly mutationRowsMax: number;
  /** How long the answer to a request with an `Idempotency-Key` is kept. */
  readonly idempotencyMs: number;
};

/** The one list of an operation is streamed where it asks for so many rows, or has no limit and is longer. */
export const STREAMED_ROWS_MIN = 10_000;

/** Nulls in non-null places that one answer names; the rest is counted. An entry of `errors` is longer than most rows. */
export const NULL_ERRORS_MAX = 1_000;

export const DEFAULT_LIMITS: Limits = {
  depthMax: 12,
  aliasesMax: 30,
  rootFieldsMax: 20,
  fieldsMax: 2_000,
  tokensMax: 4_000,
  pageRowsMax: 10_000,
  exportRowsMax: 100_000_000,
  bodyBytesMax: 1_048_576,
  responseBytesMax: 33_554_432,
  statementTimeoutMs: 30_000,
  documentsMax: 1_000,
  cacheBytesMax: 134_217_728,
  plansPerDocumentMax: 32,
  inputNodesMax: 10_000,
  inputDepthMax: 32,
  orderTermsMax: 16,
  mutationRowsMax: 10_000,
  idempotencyMs: 86_400_000,
};

/** Bounds of one rule, its condition and its templates. Fixed: a rule means the same everywhere. */
export const RULE_LIMITS = {
  /** Characters of a condition as text. */
  conditionTextMax: 10_000,
  conditionDepthMax: 16,
  conditionNodesMax: 256,
  /** Values of one list. */
  listItemsMax: 1_000,
  /** Characters of one text or number in a condition, JSON included. */
  literalTextMax: 4_096,
  pathStepsMax: 16,
  templateTextMax: 65_536,
  templateHolesMax: 256,
  /** Characters of a name of a rule, an action or an entity. */
  nameMax: 100,
  actionsMax: 20,
  attemptsMax: 100,
  /** One pause between attempts, milliseconds: a week. */
  pauseMaxMs: 604_800_000,
  attemptTimeoutMaxMs: 600_000,
} as const;
