import { FraiseqlError } from "../../../core/errors.ts";
import { createInFlight } from "../../../core/events/in-flight.ts";
import type { BusDelivery, EventBus } from "../../../ports/event-bus.ts";
import type { Wait } from "../../../ports/wait.ts";
import { createAckBatches } from "./ack-batches.ts";
import type { BusStatements, Claimed } from "./bus-statements.ts";

export type ReadShardOptions = {
  readonly statements: BusStatements;
  readonly wait: Wait;
  readonly ackWaitMs: number;
  readonly closing: AbortSignal;
  /** Aborted when there may be something new in the shard. */
  wake(shard: number): AbortSignal;
};

/** How often a reader looks that nobody woke, for messages whose reader died. */
const LOOK_MS = 500;

/** `read` of the bus: claims what it may have in flight, gives it out, and sleeps when there is nothing. */
export function readShard(options: ReadShardOptions): EventBus["read"] {
  const { statements, wait, ackWaitMs, closing, wake } = options;
  const acks = createAckBatches(statements.acknowledge);
  return async function* read({ shard, inFlightMax, alone = false, signal }) {
    const inFlight = createInFlight(inFlightMax);
    let takesOver = alone;
    const claim = async (atMost: number) => {
      if (takesOver) await statements.takeOver(shard);
      takesOver = false;
      return await statements.claim(shard, atMost, ackWaitMs);
    };
    const over = AbortSignal.any([signal, closing]);
    let isFull = false;
    /** Ends the pause for a reason of this reader's own. */
    let resume = new AbortController();
    /** When the next of those given back may be due. */
    let backAt = Number.POSITIVE_INFINITY;
    const delivery = ({ sequence: digits, attempt, id, subject, body }: Claimed): BusDelivery => {
      const sequence = Number(digits);
      const end = () => {
        inFlight.end(sequence);
        if (isFull) resume.abort();
      };
      const keep = () => inFlight.give(sequence, wait.now() + ackWaitMs);
      const giveBack = (delayMs: number) => {
        backAt = Math.min(backAt, wait.now() + delayMs);
        inFlight.end(sequence);
        resume.abort();
      };
      keep();
      return {
        ...{ id, subject, body, sequence, attempt },
        ack: () => acks.add(shard, sequence).then(end),
        working: () => statements.dueIn(shard, sequence, ackWaitMs).then(keep),
        retry: (delayMs) => statements.dueIn(shard, sequence, delayMs).then(() => giveBack(delayMs)),
        reject: (reason) => statements.reject(shard, sequence, reason).then(end),
      };
    };
    while (!over.aborted) {
      const woken = wake(shard);
      resume = new AbortController();
      const free = inFlight.free(wait.now());
      isFull = free <= 0;
      if (backAt <= wait.now()) backAt = Number.POSITIVE_INFINITY;
      const claimed = isFull ? [] : await claim(free).catch(ifUnavailable);
      yield* claimed.map(delivery);
      // Fewer than there was room for: there are no more.
      if (!isFull && claimed.length === free) continue;
      const pause = Math.min(LOOK_MS, Math.max(1, backAt - wait.now()));
      await wait.wait(pause, AbortSignal.any([over, woken, resume.signal]));
    }
  };
}

/** The reading goes on when the bus is back. */
function ifUnavailable(error: unknown): readonly Claimed[] {
  if (error instanceof FraiseqlError && error.code === "BUS_UNAVAILABLE") return [];
  throw error;
}
