/** What the reader of all shards is given: how often, and in which order per row. */
import { decodeChangeEvent } from "../../src/core/events/decode-change-event.ts";
import type { BusDelivery, EventBus } from "../../src/ports/event-bus.ts";

export type Record = {
  /** The bus, with everything that is read of it noted. */
  readonly bus: EventBus;
  /** Events that the log holds twice. */
  duplicated(): number;
  /** Events that were first given after a later version of the same row. */
  inverted(): number;
};

export function record(bus: EventBus): Record {
  const newest = new Map<number, number>();
  const sequences = new Map<string, number>();
  let [duplicated, inverted] = [0, 0];
  const see = (delivery: BusDelivery) => {
    const known = sequences.get(delivery.id);
    sequences.set(delivery.id, delivery.sequence);
    if (known !== undefined) {
      if (known !== delivery.sequence) duplicated += 1;
      return;
    }
    const { after } = decodeChangeEvent(delivery.body);
    const [id, version] = [Number(after?.["id"]), Number(after?.["version"])];
    const before = newest.get(id) ?? 0;
    if (version < before) inverted += 1;
    newest.set(id, Math.max(before, version));
  };
  async function* read(options: Parameters<EventBus["read"]>[0]) {
    for await (const delivery of bus.read(options)) {
      see(delivery);
      yield delivery;
    }
  }
  return { bus: { ...bus, read }, duplicated: () => duplicated, inverted: () => inverted };
}
