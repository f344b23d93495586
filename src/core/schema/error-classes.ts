/** The classes of errors with the status each stands for. */
export const ERROR_CLASSES = [
  { name: "validation", status: 422 },
  { name: "conflict", status: 409 },
  { name: "not_found", status: 404 },
  { name: "unauthorized", status: 401 },
  { name: "forbidden", status: 403 },
  { name: "internal", status: 500 },
  { name: "transaction_failed", status: 500 },
  { name: "timeout", status: 504 },
  { name: "rate_limited", status: 429 },
  { name: "service_unavailable", status: 503 },
] as const;

/** What outcomes may say for the class. */
export const SHORT_NAME = { short: "unavailable", name: "service_unavailable" } as const;
