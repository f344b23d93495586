/** When a call is made again, and how long it waits before that. */
import { ClientError } from "./errors.ts";

export type RetryOptions = {
  /** Calls in all, the first one included; 3 unless given, and 1 never makes a call again. */
  readonly attemptsMax?: number | undefined;
  /** Longest wait before the second call, doubled with each one after it; 200 unless given. */
  readonly delayMs?: number | undefined;
  /** Longest wait there is; 20,000 unless given. A server that asks for more gets no further call. */
  readonly delayMaxMs?: number | undefined;
};

export type Retry = {
  /** Milliseconds to wait before attempt number `attempt + 1`, or undefined when the failure is final. */
  readonly delayAfter: (error: unknown, attempt: number) => number | undefined;
};

/** What the server calls retryable; a proxy before it says the same by its status. */
const CODES: ReadonlySet<string> = new Set([
  "DATABASE_UNAVAILABLE",
  "STATEMENT_TIMEOUT",
  "REQUEST_CANCELLED",
  "IDEMPOTENCY_KEY_IN_USE",
]);
const STATUSES: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** When to try again after which error: with pauses that double, and never sooner than the server asked. */
export function createRetry({ attemptsMax = 3, delayMs = 200, delayMaxMs = 20_000 }: RetryOptions = {}): Retry {
  return {
    delayAfter: (error, attempt) => {
      if (attempt >= attemptsMax || !isRetryable(error)) return undefined;
      const asked = error.retryAfterMs ?? 0;
      if (asked > delayMaxMs) return undefined;
      // Clients that failed together do not come back together.
      const backoff = Math.random() * Math.min(delayMaxMs, delayMs * 2 ** (attempt - 1));
      return Math.min(delayMaxMs, asked + backoff);
    },
  };
}

function isRetryable(error: unknown): error is ClientError {
  if (!(error instanceof ClientError)) return false;
  return CODES.has(error.code) || (error.status !== undefined && STATUSES.has(error.status));
}

/** Reads `Retry-After`: seconds, or a date. */
export function retryAfterMs(header: string | null): number | undefined {
  if (header === null) return undefined;
  const milliseconds = /^\d+$/.test(header.trim()) ? Number(header) * 1_000 : Date.parse(header) - Date.now();
  return Number.isFinite(milliseconds) ? Math.max(0, milliseconds) : undefined;
}

/** Resolves after so long, or rejects with the signal's reason as soon as it aborts. */
export function wait(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, milliseconds);
    if (signal?.aborted) stop();
    else signal?.addEventListener("abort", stop, { once: true });
  });
}
