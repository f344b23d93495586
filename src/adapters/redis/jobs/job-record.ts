import type { Backoff, Job } from "../../../core/jobs/job.ts";

/**
 * A job as one text, compact since a backlog lies in memory: five lines, of which the scripts read the first three.
 *
 *     attemptsMax
 *     org
 *     unique key, or nothing
 *     notBefore or nothing, timeoutMs, jitter, backoff
 *     payload, to the end
 *
 * Texts are escaped as in JSON strings, so that a line break in one is none here; the payload stays as it is.
 */
export function recordOf({ org, uniqueKey, notBefore, retry, timeoutMs, payload }: Job): string {
  const numbers = `${notBefore ?? ""},${timeoutMs},${retry.jitter},${backoffText(retry.backoff)}`;
  return `${retry.attemptsMax}\n${escaped(org)}\n${escaped(uniqueKey ?? "")}\n${numbers}\n${payload}`;
}

/** The job that `recordOf` made the text of; nothing is checked, since nobody else writes records. */
export function jobOf(id: string, record: string): Job {
  const [attemptsMax = "", org = "", uniqueKey = "", numbers = ""] = record.split("\n", 4);
  const payload = record.slice(attemptsMax.length + org.length + uniqueKey.length + numbers.length + 4);
  const [notBefore = "", timeoutMs, jitter, kind = "", ...rest] = numbers.split(",");
  return {
    id,
    org: unescaped(org),
    ...(uniqueKey === "" ? {} : { uniqueKey: unescaped(uniqueKey) }),
    ...(notBefore === "" ? {} : { notBefore: Number(notBefore) }),
    retry: { attemptsMax: Number(attemptsMax), backoff: backoffOf(kind, rest.map(Number)), jitter: Number(jitter) },
    timeoutMs: Number(timeoutMs),
    payload,
  };
}

/** The name of an org in keys and records. */
function escaped(text: string): string {
  // Most texts have nothing to escape.
  return /^[\w .:@/-]*$/.test(text) ? text : JSON.stringify(text).slice(1, -1);
}

function unescaped(text: string): string {
  return text.includes("\\") ? JSON.parse(`"${text}"`) : text;
}

function backoffText(backoff: Backoff): string {
  switch (backoff.kind) {
    case "fixed":
      return `f,${backoff.delayMs}`;
    case "linear":
      return `l,${backoff.delayMs},${backoff.maxMs}`;
    case "exponential":
      return `e,${backoff.delayMs},${backoff.factor},${backoff.maxMs}`;
    case "schedule":
      return `s,${backoff.delaysMs.join(",")}`;
  }
}

function backoffOf(kind: string, numbers: readonly number[]): Backoff {
  const [first = 0, second = 0, third = 0] = numbers;
  switch (kind) {
    case "f":
      return { kind: "fixed", delayMs: first };
    case "l":
      return { kind: "linear", delayMs: first, maxMs: second };
    case "e":
      return { kind: "exponential", delayMs: first, factor: second, maxMs: third };
    default:
      return { kind: "schedule", delaysMs: numbers };
  }
}
