/** All shards of the bus, spread over the dispatchers that live: each shard is one dispatcher's at a time. */
import { SHARDS } from "../../core/events/subject.ts";
import type { Lease, Leases } from "../../ports/leases.ts";
import { type LeaseParts, underLease } from "../under-lease.ts";
import { type DispatchParts, dispatchEvents } from "./dispatch-events.ts";

const LEASE_MS = 10_000;
const PRESENCE = "dispatcher:";

/** Runs until the signal; what was read is decided before it ends. */
export async function dispatchShards(
  parts: DispatchParts & LeaseParts,
  { holder, signal }: { readonly holder: string; readonly signal: AbortSignal },
): Promise<void> {
  let share = SHARDS;
  const mine = countedLeases(parts.leases);
  const present = underLease(
    parts,
    { name: `${PRESENCE}${holder}`, holder, milliseconds: LEASE_MS, signal },
    async (_, over) => {
      while (!over.aborted) {
        const dispatchers = await parts.leases.count(PRESENCE).catch(() => undefined);
        if (dispatchers !== undefined) share = Math.ceil(SHARDS / Math.max(1, dispatchers));
        await parts.wait.wait(1_000, over);
      }
    },
  );
  const shards = Array.from({ length: SHARDS }, (_, shard) => {
    const name = `dispatch:${shard}`;
    const wanted = () => mine.wants(name, share);
    return underLease(
      { ...parts, leases: mine.leases },
      { name, holder, milliseconds: LEASE_MS, signal, wanted },
      (_, over) => dispatchEvents(parts, shard, over),
    );
  });
  await Promise.all([present, ...shards]);
}

/**
 * Leases, and how many of them this process has. One that is asked for counts already, and one that is to be given up no
 * more: all shards ask at the same time, and would else take too many together, or give up all.
 */
function countedLeases(leases: Leases): {
  readonly leases: Leases;
  wants(name: string, share: number): boolean;
} {
  const kept = new Set<string>();
  const leaving = new Set<string>();
  return {
    wants(name, share) {
      if (!kept.has(name)) return !leaving.has(name) && kept.size < share;
      if (kept.size <= share) return true;
      kept.delete(name);
      leaving.add(name);
      return false;
    },
    leases: {
      ...leases,
      async take(name, holder, milliseconds) {
        kept.add(name);
        let lease: Lease | undefined;
        try {
          lease = await leases.take(name, holder, milliseconds);
          return lease;
        } finally {
          if (lease === undefined) kept.delete(name);
        }
      },
      async release(lease) {
        try {
          await leases.release(lease);
        } finally {
          kept.delete(lease.name);
          leaving.delete(lease.name);
        }
      },
    },
  };
}
