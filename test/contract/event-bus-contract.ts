/** What every `EventBus` has to do. */
import { strict as assert } from "node:assert";
import { FraiseqlError } from "../../src/core/errors.ts";
import type { BusDelivery, BusMessage, EventBus } from "../../src/ports/event-bus.ts";

export type BusWorld = {
  /**
   * Another process's view of the one bus, whose state was asked.
   *
   * @param ackWaitMs longer than any promise takes if left out: nothing comes again by itself
   */
  open(ackWaitMs?: number): Promise<EventBus>;
  /** Whether readers of a shard may share it; else the later one takes it over. */
  readonly isShared: boolean;
  /** The bus cannot be reached until it is called again; absent where it cannot be away. */
  readonly outage?: { begin(): Promise<void>; end(): Promise<void> };
};

/** For what is not acknowledged to come again soon. */
const SHORT_MS = 400;

export const message = (number: number, shard = 3): BusMessage => ({
  id: `epoch:${number}`,
  subject: `fql.ev.${shard}.acme.public=2enotes.insert`,
  body: JSON.stringify({ number, text: "Zażółć 🏃" }),
});
export const messages = (from: number, to: number, shard = 3): BusMessage[] =>
  Array.from({ length: to - from + 1 }, (_, index) => message(from + index, shard));

export type Reader = {
  next(): Promise<BusDelivery>;
  take(count: number): Promise<BusDelivery[]>;
  stop(): Promise<boolean>;
};

/** Reads one by one; `stop` tells whether the reading ended. */
export function reader(bus: EventBus, inFlightMax = 10, shard = 3, alone = false): Reader {
  const over = new AbortController();
  const deliveries = bus.read({ shard, inFlightMax, alone, signal: over.signal })[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await deliveries.next();
    assert(!done, "the reading ended");
    return value as BusDelivery;
  };
  return {
    next,
    take: async (count) => {
      const taken: BusDelivery[] = [];
      while (taken.length < count) taken.push(await next());
      return taken;
    },
    stop: async () => {
      over.abort();
      return (await deliveries.next()).done === true;
    },
  };
}

const ids = (deliveries: readonly BusDelivery[]): string[] => deliveries.map(({ id }) => id);
const idsOf = (from: number, to: number): string[] => messages(from, to).map(({ id }) => id);
const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "",
    (error: unknown) => (error instanceof FraiseqlError ? error.code : String(error)),
  );

/** Asks until it is answered: where the bus fails at once, there is nothing to wait on but time. */
export async function eventually<T>(ask: () => Promise<T>, tries = 500): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (tries === 0) throw error;
    await new Promise((resolve) => setTimeout(resolve, 20));
    return eventually(ask, tries - 1);
  }
}

/** Promises by their sentences; each is kept on an empty bus and throws where it is broken. */
export const EVENT_BUS_CONTRACT: Readonly<Record<string, (world: BusWorld) => Promise<void>>> = {
  "what was published is read by who comes later, as it was, in order": async ({ open }) => {
    await (await open()).publish(messages(1, 300));
    const deliveries = await reader(await open(), 300).take(300);
    assert.deepEqual(ids(deliveries), idsOf(1, 300));
    const [first] = deliveries;
    assert.deepEqual({ id: first?.id, subject: first?.subject, body: first?.body }, message(1));
    assert.equal(first?.attempt, 1);
    const sequences = deliveries.map(({ sequence }) => sequence);
    assert.deepEqual(
      sequences,
      sequences.toSorted((a, b) => a - b),
    );
  },

  "a reader that waits is given what comes, of its shard only": async ({ open }) => {
    const reading = reader(await open());
    const next = reading.next();
    const bus = await open();
    await bus.publish([message(1, 4), message(2, 3)]);
    assert.equal((await next).id, "epoch:2");
    assert.equal((await reader(bus, 1, 4).next()).id, "epoch:1");
  },

  "an id that is published again is one message": async ({ open }) => {
    const bus = await open();
    assert.equal(await bus.publish(messages(1, 3)), 3);
    assert.equal(await (await open()).publish(messages(1, 3)), 3);
    assert.equal(await (await open()).publish(messages(1, 4)), 4);
    assert.equal(await bus.publish([message(5), message(5)]), 5);
    assert.equal(await bus.publish(messages(1, 2)), 2);
    assert.deepEqual(ids(await reader(bus).take(5)), idsOf(1, 5));
    assert.equal((await bus.state()).lastSequence, 5);
  },

  "what is acknowledged is not given again; what is not, is, and counts as another attempt": async ({ open }) => {
    const bus = await open(SHORT_MS);
    await bus.publish(messages(1, 2));
    const reading = reader(bus);
    const [first, second] = await reading.take(2);
    await first?.ack();
    const again = await reading.next();
    assert.deepEqual([again.id, again.attempt, again.sequence], [second?.id, 2, second?.sequence]);
    await again.ack();
  },

  "a message is not given again while its reader says that it is at it": async ({ open }) => {
    const bus = await open(SHORT_MS);
    await bus.publish(messages(1, 2));
    const reading = reader(bus);
    const [slow, dropped] = await reading.take(2);
    const other = reading.next();
    let isOver = false;
    const working = (async () => {
      while (!isOver) {
        await slow?.working();
        await new Promise((resolve) => setTimeout(resolve, bus.ackWaitMs / 10));
      }
    })();
    // Given again twice, the other one shows that the time was over for both.
    assert.equal((await other).id, dropped?.id);
    const third = await reading.next();
    assert.deepEqual([third.id, third.attempt], [dropped?.id, 3]);
    await third.ack();
    isOver = true;
    await working;
    await slow?.ack();
    assert.deepEqual(await bus.pending(), Array(16).fill(0));
  },

  "what is to be tried again comes back, not before the delay, and after what came meanwhile": async ({ open }) => {
    const bus = await open();
    await bus.publish(messages(1, 2));
    const reading = reader(bus);
    const first = await reading.next();
    const at = performance.now();
    await first.retry(150);
    assert.equal((await reading.next()).id, "epoch:2");
    const again = await reading.next();
    assert.deepEqual([again.id, again.attempt], ["epoch:1", 2]);
    assert(performance.now() - at >= 140, "it came too early");
  },

  "no more are given out than a reader may have in flight": async ({ open }) => {
    const bus = await open();
    await bus.publish(messages(1, 6));
    const reading = reader(bus, 2);
    const [first] = await reading.take(2);
    let isGiven = false;
    const third = reading.next().then((delivery) => {
      isGiven = true;
      return delivery;
    });
    await bus.pending();
    await bus.pending();
    assert.equal(isGiven, false);
    await first?.ack();
    assert.equal((await third).id, "epoch:3");
  },

  "what is rejected is in the dead letters with its reason, for others too, and does not come again": async ({
    open,
  }) => {
    const bus = await open();
    await bus.publish(messages(1, 3));
    const reading = reader(bus);
    const [first, second, third] = await reading.take(3);
    await first?.reject("no JSON");
    await second?.reject('unknown table "x" – Ørsted\nsecond line');
    await third?.ack();
    const refused = await (await open()).refused({ limit: 10 });
    assert.deepEqual(
      refused.map(({ refusedAt, ...rest }) => rest),
      [
        { ...message(2), reason: 'unknown table "x" – Ørsted\nsecond line' },
        { ...message(1), reason: "no JSON" },
      ],
    );
    assert(Math.abs(Date.now() - Date.parse(refused[0]?.refusedAt ?? "")) < 60_000);
    assert.equal((await bus.refused({ limit: 1 })).length, 1);
    assert.deepEqual(await bus.pending(), Array(16).fill(0));
  },

  "who reads a shard alone is given at once what another had in its hands, before what is new": async ({ open }) => {
    const bus = await open();
    await bus.publish(messages(1, 4));
    const [first, second] = await reader(bus, 3).take(3);
    await first?.ack();
    await second?.retry(60_000);
    const later = reader(await open(), 10, 3, true);
    const taken = await later.take(3);
    assert.deepEqual(ids(taken), idsOf(2, 4));
    for (const delivery of taken) await delivery.ack();
    assert.deepEqual(await bus.pending(), Array(16).fill(0));
  },

  "two readers of a shard do not both get a message, where they may share it": async ({ open, isShared }) => {
    if (!isShared) return;
    const bus = await open();
    const [one, two] = [reader(bus, 100), reader(await open(), 100)];
    await bus.publish(messages(1, 60));
    const seen: string[] = [];
    const drain = async (reading: Reader) => {
      while (seen.length < 60) {
        const delivery = await Promise.race([reading.next(), enough.promise]);
        if (!delivery) return;
        seen.push(delivery.id);
        await delivery.ack();
        if (seen.length === 60) enough.resolve(undefined);
      }
    };
    const enough = Promise.withResolvers<undefined>();
    await Promise.all([drain(one), drain(two)]);
    assert.deepEqual(seen.toSorted(), idsOf(1, 60).toSorted());
  },

  "how far the log goes and what lags is told": async ({ open }) => {
    const bus = await open();
    const empty = await bus.state();
    assert.equal(empty.lastSequence, 0);
    await bus.publish([...messages(1, 4), message(5, 0)]);
    assert.deepEqual(await (await open()).state(), { incarnation: empty.incarnation, lastSequence: 5 });
    assert.equal(await bus.incarnation(), empty.incarnation);
    const lags = (of: readonly number[]) => [of.length, of[0], of[3]];
    assert.deepEqual(lags(await bus.pending()), [16, 1, 4]);
    const [first] = await reader(bus).take(2);
    await first?.ack();
    assert.deepEqual(lags(await bus.pending()), [16, 1, 3]);
  },

  "what is larger than a message may be is refused, and nothing of its batch is published": async ({ open }) => {
    const bus = await open();
    const large = { ...message(2), body: "ż".repeat(600_000) };
    assert.equal(await codeOf(bus.publish([message(1), large])), "PAYLOAD_TOO_LARGE");
    assert.equal((await bus.state()).lastSequence, 0);
  },

  "closing ends the readers and refuses what comes": async ({ open }) => {
    const bus = await open();
    const waiting = codeOf(reader(bus).next());
    await bus.state();
    await bus.close();
    assert.match(await waiting, /the reading ended/);
    assert.equal(await codeOf(bus.publish([message(1)])), "BUS_UNAVAILABLE");
    assert.equal(await codeOf(bus.state()), "BUS_UNAVAILABLE");
    await bus.close();
  },

  "a reader whose signal is aborted ends, and what it had may still be acknowledged": async ({ open }) => {
    const bus = await open();
    await bus.publish(messages(1, 1));
    const reading = reader(bus);
    const delivery = await reading.next();
    assert.equal(await reading.stop(), true);
    await delivery.ack();
    assert.deepEqual(await bus.pending(), Array(16).fill(0));
  },

  "while it is away calls fail with BUS_UNAVAILABLE, and the reading goes on by itself": async ({ open, outage }) => {
    if (!outage) return;
    const bus = await open(SHORT_MS);
    await bus.publish(messages(1, 2));
    const reading = reader(bus);
    const [first] = await reading.take(2);
    await first?.ack();
    await outage.begin();
    assert.equal(await codeOf(bus.publish([message(3)])), "BUS_UNAVAILABLE");
    await outage.end();
    await eventually(() => bus.state());
    await bus.publish([message(3)]);
    const seen = new Set<string>();
    // The first may come again: nats-server 2.9 confirms acknowledgements before they are on disk.
    while (!(seen.has("epoch:2") && seen.has("epoch:3"))) {
      const delivery = await reading.next();
      seen.add(delivery.id);
      await delivery.ack();
    }
  },
};
