import { type Breaker, type BreakerPolicy, breakerState, openPause } from "../../../core/breakers/breaker.ts";
import { BREAKER_REASON_MAX, type BreakerKey, type BreakerStore } from "../../../ports/breaker-store.ts";

type Entry = Omit<Breaker, "state"> & { readonly probe?: { readonly token: string; readonly until: number } };

export type MemoryBreakersOptions = {
  readonly policy: BreakerPolicy;
  /** Milliseconds since 1970. */
  readonly now: () => number;
};

/** The breaker that failed longest ago is forgotten first. */
const ENTRIES_MAX = 10_000;

/** The `BreakerStore` port in one process. */
export function createMemoryBreakers({ policy, now }: MemoryBreakersOptions): BreakerStore {
  const entries = new Map<string, Entry>();
  const nameOf = ({ org, endpoint }: BreakerKey) => JSON.stringify([org, endpoint]);
  return {
    enter: async (key, token) => {
      const entry = entries.get(nameOf(key));
      const state = breakerState(entry?.openUntil, now());
      if (entry === undefined || state === "closed") return { kind: "closed", failures: entry?.failures ?? 0 };
      if (state === "open") return { kind: "open", retryAfterMs: (entry.openUntil ?? 0) - now() };
      const { probe } = entry;
      if (probe !== undefined && probe.until > now() && probe.token !== token) {
        return { kind: "open", retryAfterMs: Math.min(probe.until - now(), policy.openMs) };
      }
      entries.set(nameOf(key), { ...entry, probe: { token, until: now() + policy.probeMs } });
      return { kind: "probe" };
    },
    succeeded: async (key) => {
      entries.delete(nameOf(key));
    },
    failed: async (key, token, reason) => {
      const name = nameOf(key);
      const failed = afterFailure(policy, { ...entries.get(name), ...key }, token, now());
      entries.delete(name);
      entries.set(name, { ...failed, reason: reason.slice(0, BREAKER_REASON_MAX), changedAt: now() });
      for (const oldest of entries.keys()) {
        if (entries.size <= ENTRIES_MAX) break;
        entries.delete(oldest);
      }
    },
    list: async ({ org, limit }) =>
      [...entries.values()]
        .filter((entry) => org === undefined || entry.org === org)
        .toReversed()
        .slice(0, limit)
        .map(({ probe: _probe, ...entry }) => ({ ...entry, state: breakerState(entry.openUntil, now()) })),
    close: async () => {},
  };
}

function afterFailure(policy: BreakerPolicy, entry: Partial<Entry> & BreakerKey, token: string, now: number) {
  const { org, endpoint, openUntil, probe } = entry;
  const failures = (entry.failures ?? 0) + 1;
  const openings = entry.openings ?? 0;
  const opens = openUntil === undefined ? failures >= policy.failuresMax : probe?.token === token;
  if (opens) {
    return { org, endpoint, failures, openings: openings + 1, openUntil: now + openPause(policy, openings + 1) };
  }
  return {
    ...{ org, endpoint, failures, openings },
    ...(openUntil === undefined ? {} : { openUntil }),
    ...(probe === undefined ? {} : { probe }),
  };
}
