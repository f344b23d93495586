/** All shards of the bus, spread over the dispatchers that live: each shard is one dispatcher's at a time. */
import { SHARDS } from "../core/events/subject.ts";
import { type DispatchParts, dispatchEvents } from "./dispatch-events.ts";
import { type LeaseParts, underLease } from "./under-lease.ts";

const LEASE_MS = 10_000;
const PRESENCE = "dispatcher:";

/** Runs until the signal; what was read is decided before it ends. */
export async function dispatchShards(
  parts: DispatchParts & LeaseParts,
  { holder, signal }: { readonly holder: string; readonly signal: AbortSignal },
): Promise<void> {
  let share = SHARDS;
  let held = 0;
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
    let mine = false;
    const wanted = () => (mine ? held <= share : held < share);
    const name = `dispatch:${shard}`;
    return underLease(parts, { name, holder, milliseconds: LEASE_MS, signal, wanted }, async (_, over) => {
      mine = true;
      held += 1;
      try {
        await dispatchEvents(parts, shard, over);
      } finally {
        mine = false;
        held -= 1;
      }
    });
  });
  await Promise.all([present, ...shards]);
}
