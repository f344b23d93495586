/** What a reader of all shards saw: which versions of which row, in which order, and how often. */
import { decodeChangeEvent } from "../../src/core/events/decode-change-event.ts";
import { SHARDS } from "../../src/core/events/subject.ts";
import type { BusDelivery, EventBus } from "../../src/ports/event-bus.ts";

export type Record = {
  /** How many versions of the row were seen. */
  versionsOf(account: number): number;
  /** Events that the log holds twice. */
  duplicated(): number;
  /** Events that were first seen after a later version of the same row. */
  inverted(): number;
  /** Resolves when an event is seen that was not seen before. */
  next(): Promise<void>;
  stop(): Promise<void>;
};

type Account = { readonly versions: Set<number>; newest: number };

export function record(bus: EventBus): Record {
  const accounts = new Map<number, Account>();
  const sequences = new Map<string, number>();
  const over = new AbortController();
  let duplicated = 0;
  let inverted = 0;
  let next = Promise.withResolvers<void>();
  const see = (delivery: BusDelivery) => {
    const known = sequences.get(delivery.id);
    sequences.set(delivery.id, delivery.sequence);
    if (known !== undefined) {
      if (known !== delivery.sequence) duplicated += 1;
      return;
    }
    const { after } = decodeChangeEvent(delivery.body);
    const [id, version] = [Number(after?.["id"]), Number(after?.["version"])];
    const account = accounts.get(id) ?? { versions: new Set<number>(), newest: 0 };
    accounts.set(id, account);
    account.versions.add(version);
    if (version < account.newest) inverted += 1;
    account.newest = Math.max(account.newest, version);
    next.resolve();
    next = Promise.withResolvers();
  };
  const read = async (shard: number) => {
    for await (const delivery of bus.read({ shard, inFlightMax: 64, signal: over.signal })) {
      see(delivery);
      // What could not be acknowledged comes again.
      void delivery.ack().catch(() => {});
    }
  };
  const readings = Promise.all(Array.from({ length: SHARDS }, (_, shard) => read(shard)));
  return {
    versionsOf: (account) => accounts.get(account)?.versions.size ?? 0,
    duplicated: () => duplicated,
    inverted: () => inverted,
    next: () => next.promise,
    stop: async () => {
      over.abort();
      await readings;
    },
  };
}
