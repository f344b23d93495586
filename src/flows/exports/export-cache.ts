/**
 * Encoded exports kept in memory: equal requests at the same time are one statement, later ones none. The first to ask
 * gets its bytes as they are made, whatever happens to the others; those who come while it is being made wait for all
 * of it, for only a whole export is ever shared. What is too large is not kept, and everybody makes it for themselves.
 */

import type { Exported, KeptExport } from "./chunks.ts";
import { type Fill, startFill } from "./export-fill.ts";

export type ExportCache = {
  /**
   * @param make - makes the export; its signal aborts when nobody wants it any more
   * @param signal - aborts when this caller goes away
   */
  readonly serve: (
    key: string,
    make: (signal: AbortSignal) => Promise<Exported>,
    signal: AbortSignal,
  ) => Promise<Exported | KeptExport>;
};

export type ExportCacheOptions = {
  /** Of all exports together, those that are being made included. */
  readonly bytesMax: number;
  readonly ttlMs: number;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
};

type Kept = { readonly exported: KeptExport; readonly until: number };

/** Exports known to be too large, so that nobody waits for one of them in vain. */
const TOO_LARGE_MAX = 1_000;

/** Keeps whole tables while there is room; who asks for one that is being made waits for it. */
export function createExportCache({ bytesMax, ttlMs, now }: ExportCacheOptions): ExportCache {
  /** The one that was used longest ago comes first. */
  const kept = new Map<string, Kept>();
  const fills = new Map<string, Fill>();
  const tooLarge = new Map<string, number>();
  let used = 0;

  const remove = (key: string): void => {
    used -= kept.get(key)?.exported.whole.size ?? 0;
    kept.delete(key);
  };
  const found = (key: string): KeptExport | undefined => {
    const entry = kept.get(key);
    if (!entry) return undefined;
    if (entry.until <= now()) {
      remove(key);
      return undefined;
    }
    kept.delete(key);
    kept.set(key, entry);
    return entry.exported;
  };
  /** Makes room by letting go what was used longest ago; false where even that is not enough. */
  const reserve = (bytes: number): boolean => {
    for (const key of kept.keys()) {
      if (used + bytes <= bytesMax) break;
      remove(key);
    }
    if (used + bytes > bytesMax) return false;
    used += bytes;
    return true;
  };
  const noteTooLarge = (key: string): void => {
    const [oldest] = tooLarge.keys();
    if (tooLarge.size >= TOO_LARGE_MAX && oldest !== undefined) tooLarge.delete(oldest);
    tooLarge.set(key, now() + ttlMs);
  };
  const isTooLarge = (key: string): boolean => {
    const until = tooLarge.get(key);
    if (until === undefined || until > now()) return until !== undefined;
    tooLarge.delete(key);
    return false;
  };

  return {
    serve: async (key, make, signal) => {
      const here = found(key);
      if (here) return here;
      if (isTooLarge(key)) return make(signal);
      const running = fills.get(key);
      if (running) {
        return (await running.whole(signal)) ?? make(signal);
      }
      // Read now: the data is at least as new as the moment its statement begins.
      const until = now() + ttlMs;
      const fill = startFill(make, {
        reserve,
        release: (count) => {
          used -= count;
        },
        settled: (whole) => {
          fills.delete(key);
          if (whole) kept.set(key, { exported: whole, until });
        },
        overflowed: () => noteTooLarge(key),
      });
      fills.set(key, fill);
      return fill.lead(signal);
    },
  };
}
