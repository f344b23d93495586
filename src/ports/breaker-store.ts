/** Circuit breakers, shared by all workers. What they do is drawn in core/breakers/breaker.ts. */
import type { Breaker } from "../core/breakers/breaker.ts";

export type BreakerKey = {
  /** The empty text where there are no orgs. */
  readonly org: string;
  readonly endpoint: string;
};

export type BreakerPass =
  /** Go on. `failures` in a row have been seen. */
  | { readonly kind: "closed"; readonly failures: number }
  /** Go on: this attempt alone, to see whether the receiver is back. */
  | { readonly kind: "probe" }
  | { readonly kind: "open"; readonly retryAfterMs: number };

export interface BreakerStore {
  /**
   * Before an attempt.
   *
   * @param token of this attempt, unlike any other: the probe is known by it
   */
  enter(key: BreakerKey, token: string): Promise<BreakerPass>;
  /** After an attempt that the receiver answered: closes the breaker and forgets it. */
  succeeded(key: BreakerKey): Promise<void>;
  /** After an attempt that failed. @param reason is kept up to 200 characters */
  failed(key: BreakerKey, token: string, reason: string): Promise<void>;
  /** The ones that changed last first; those that are forgotten are not among them. */
  list(filter: { readonly org?: string; readonly limit: number }): Promise<readonly Breaker[]>;
  close(): Promise<void>;
}

export const BREAKER_REASON_MAX = 200;
