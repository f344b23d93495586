/**
 * A circuit breaker stands between an org's actions and one receiver:
 *
 *     closed ──failuresMax in a row──▶ open ──time is over──▶ half-open ──the one probe works──▶ closed
 *                                       ▲                         │
 *                                       └────── it fails: open for twice as long ◀──┘
 *
 * While it is open nothing is sent, and no attempt is used up.
 */

export type BreakerState = "closed" | "open" | "half-open";

/** All times in milliseconds. */
export type BreakerPolicy = {
  /** Attempts that fail in a row until it opens. */
  readonly failuresMax: number;
  /** How long it is open at first; each time in a row for twice as long. */
  readonly openMs: number;
  readonly openMaxMs: number;
  /** After that a probe of which nothing was heard counts as lost, and another may be made. */
  readonly probeMs: number;
};

/** A breaker that has seen a failure, and nothing but failures since. */
export type Breaker = {
  readonly org: string;
  readonly endpoint: string;
  readonly state: BreakerState;
  readonly failures: number;
  readonly openings: number;
  /** Milliseconds since 1970; absent while it is closed. */
  readonly openUntil?: number;
  /** Of the last failure. */
  readonly reason: string;
  /** Milliseconds since 1970. */
  readonly changedAt: number;
};

/** @param openings how often it has opened in a row, this time included */
export function openPause({ openMs, openMaxMs }: BreakerPolicy, openings: number): number {
  return Math.min(openMs * 2 ** (openings - 1), openMaxMs);
}

/** @param openUntil milliseconds since 1970, as `now`; undefined for one that is closed */
export function breakerState(openUntil: number | undefined, now: number): BreakerState {
  if (openUntil === undefined) return "closed";
  return openUntil > now ? "open" : "half-open";
}
