/**
 * Whether the bus of this process is the one that the relay publishes to. On another nobody hears what this process
 * publishes, and what it reads there is never written: so it is told, and not left to be found out.
 */
import { FraiseqlError } from "../../core/errors.ts";
import type { Observe } from "../../core/observation.ts";
import type { EventBus } from "../../ports/event-bus.ts";
import type { Outbox } from "../../ports/outbox.ts";
import type { Wait } from "../../ports/wait.ts";

export type OwnBusParts = {
  readonly bus: Pick<EventBus, "incarnation">;
  readonly outbox: Pick<Outbox, "relayedTo">;
};

const OTHER_BUS =
  "The relay of this database publishes to another event bus than this process has: give all processes the same nats.url (NATS_URL) and nats.name, or none of them. Where the bus was changed, restart all workers; the relay then goes over to it.";

/** @throws FraiseqlError CONFIG_INVALID, and what the two reject with */
export async function refuseOtherBus({ bus, outbox }: OwnBusParts): Promise<void> {
  const relayed = await outbox.relayedTo();
  if (relayed !== null && relayed !== (await bus.incarnation())) throw new FraiseqlError("CONFIG_INVALID", OTHER_BUS);
}

/** Longer than a relay needs to see that a log was made anew. */
const LOOK_MS = 20_000;

/** Tells of another bus that is still another at the next look, until the signal. */
export async function watchOwnBus(
  parts: OwnBusParts & { readonly wait: Wait; readonly observe: Observe },
  signal: AbortSignal,
): Promise<void> {
  for (let wasOther = false; !signal.aborted; await parts.wait.wait(LOOK_MS, signal)) {
    const error = await refuseOtherBus(parts).catch((refusal: unknown) => refusal);
    // What cannot be reached is told by who works with it.
    const isOther = error instanceof FraiseqlError && error.code === "CONFIG_INVALID";
    if (isOther && wasOther) parts.observe({ kind: "part-failed", part: "bus", error });
    wasOther = isOther;
  }
}
