import type { Backoff, RetryPolicy } from "./job.ts";

/** No pause is longer: a job that waits for months is a mistake in a rule. Milliseconds. */
export const PAUSE_MAX_MS = 7 * 24 * 3_600_000;

/**
 * The pause after an attempt that failed, in whole milliseconds; undefined after the last attempt.
 *
 * @param attempt the attempt that failed, 1 for the first
 * @param random from 0 to below 1; decides how much of the jitter's part is taken away, so that jobs which failed together
 *   do not come back together
 */
export function pauseAfter(policy: RetryPolicy, attempt: number, random: number): number | undefined {
  if (attempt >= policy.attemptsMax) return undefined;
  const whole = Math.min(wholePause(policy.backoff, attempt), PAUSE_MAX_MS);
  return Math.max(0, Math.round(whole * (1 - policy.jitter * random)));
}

/** Without jitter. A schedule that is shorter than the attempts goes on with its last pause. */
function wholePause(backoff: Backoff, attempt: number): number {
  switch (backoff.kind) {
    case "fixed":
      return backoff.delayMs;
    case "linear":
      return Math.min(backoff.delayMs * attempt, backoff.maxMs);
    case "exponential":
      // Infinity for a large attempt, which the bound takes care of.
      return Math.min(backoff.delayMs * backoff.factor ** (attempt - 1), backoff.maxMs);
    case "schedule":
      return backoff.delaysMs[Math.min(attempt, backoff.delaysMs.length) - 1] ?? 0;
  }
}
