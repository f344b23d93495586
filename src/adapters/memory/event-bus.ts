/** An event bus in this process's memory, for simulations: it is gone with the process. Its time is the given one. */
import { FraiseqlError } from "../../core/errors.ts";
import { createInFlight } from "../../core/events/in-flight.ts";
import { SHARDS, shardOfSubject } from "../../core/events/subject.ts";
import type { BusDelivery, EventBus, ReadOptions, RefusedMessage } from "../../ports/event-bus.ts";
import type { Wait } from "../../ports/wait.ts";
import { createMemoryShard, type Given, type MemoryShard } from "./memory-shard.ts";
import { createRecentIds } from "./recent-ids.ts";

export type MemoryBusOptions = {
  readonly wait: Wait;
  readonly ackWaitMs?: number;
  readonly dedupMs?: number;
  readonly messageBytesMax?: number;
};

export function createMemoryBus(options: MemoryBusOptions): EventBus {
  const { wait, ackWaitMs = 30_000, dedupMs = 120_000, messageBytesMax = 1_000_000 } = options;
  const shards = Array.from({ length: SHARDS }, createMemoryShard);
  const recent = createRecentIds(dedupMs);
  const refused: RefusedMessage[] = [];
  const closing = new AbortController();
  const incarnation = String(wait.random());
  let lastSequence = 0;

  const open = <T>(give: () => T): T => {
    if (closing.signal.aborted) throw new FraiseqlError("BUS_UNAVAILABLE", "The event bus is closed.");
    return give();
  };
  const delivery = (shard: MemoryShard, { message, attempt }: Given, onEnd: () => void): BusDelivery => {
    const { sequence, id, subject, body } = message;
    const end = () => {
      onEnd();
      shard.end(sequence);
    };
    return {
      ...{ id, subject, body, sequence, attempt },
      ack: async () => open(end),
      working: async () => open(() => shard.setDue(sequence, wait.now() + ackWaitMs)),
      retry: async (delayMs) => {
        onEnd();
        open(() => shard.setDue(sequence, wait.now() + delayMs));
      },
      reject: async (reason) => {
        const refusedAt = new Date(wait.now()).toISOString();
        open(() => refused.unshift({ id, subject, body, reason, refusedAt }));
        end();
      },
    };
  };

  async function* read({ shard: index, inFlightMax, alone, signal }: ReadOptions): AsyncIterable<BusDelivery> {
    const shard = shards[index] ?? createMemoryShard();
    if (alone) shard.takeOver(wait.now());
    const inFlight = createInFlight(inFlightMax);
    while (!signal.aborted && !closing.signal.aborted) {
      const now = wait.now();
      const given = inFlight.free(now) > 0 ? shard.next(now, now + ackWaitMs) : undefined;
      if (given) {
        const { sequence } = given.message;
        inFlight.give(sequence, given.dueAt);
        yield delivery(shard, given, () => inFlight.end(sequence));
        continue;
      }
      const pause = Math.max(1, Math.min(shard.firstDue() - now, ackWaitMs));
      await wait.wait(pause, AbortSignal.any([signal, closing.signal, shard.changed()]));
    }
  }

  return {
    publish: async (messages) => {
      for (const { id, body } of messages) {
        if (new TextEncoder().encode(body).length <= messageBytesMax) continue;
        throw new FraiseqlError("PAYLOAD_TOO_LARGE", `The message ${id} is larger than ${messageBytesMax} bytes.`);
      }
      const sequences = open(() => messages).map((message) => {
        const known = recent.sequenceOf(message.id, wait.now());
        if (known !== undefined) return known;
        lastSequence += 1;
        recent.add(message.id, lastSequence, wait.now());
        shards[shardOfSubject(message.subject)]?.add({ ...message, sequence: lastSequence });
        return lastSequence;
      });
      return Math.max(0, ...sequences);
    },
    state: async () => open(() => ({ incarnation, lastSequence })),
    incarnation: async () => open(() => incarnation),
    read,
    pending: async () => open(() => shards.map((shard) => shard.size())),
    refused: async ({ limit }) => open(() => refused.slice(0, limit)),
    ackWaitMs,
    close: async () => closing.abort(),
  };
}
