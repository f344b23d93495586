/** What an answer means for the delivery. */
import type { ActionOutcome, AttemptFacts } from "../../ports/action.ts";
import type { Answer } from "./exchange.ts";

/** Other answers below 500 say that the request is wrong; asking again would not make it right. */
const AGAIN = new Set([408, 425, 429]);
/** A receiver cannot put a delivery off for longer than a day. */
const RETRY_AFTER_MS_MAX = 86_400_000;

/** @param now milliseconds since 1970 */
export function webhookOutcome({ status, retryAfter }: Answer, facts: AttemptFacts, now: number): ActionOutcome {
  if (status >= 200 && status < 300) return { kind: "done", facts };
  const reason = `The receiver answered with status ${status}.`;
  if (status === 410) return { kind: "disabled", reason, facts };
  if (status < 500 && !AGAIN.has(status)) return { kind: "permanent", reason, facts };
  const retryAfterMs = pauseOf(retryAfter, now);
  return { kind: "retryable", reason, facts, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

/** Seconds or a date: https://www.rfc-editor.org/rfc/rfc9110#field.retry-after. Undefined for anything else. */
function pauseOf(retryAfter: string | undefined, now: number): number | undefined {
  if (retryAfter === undefined) return undefined;
  const text = retryAfter.trim();
  if (/^\d{1,15}$/.test(text)) return Math.min(Number(text) * 1_000, RETRY_AFTER_MS_MAX);
  if (!/^[A-Z][a-z]{2,8},? /.test(text)) return undefined;
  const pause = Date.parse(text) - now;
  return Number.isNaN(pause) ? undefined : Math.min(Math.max(0, pause), RETRY_AFTER_MS_MAX);
}
