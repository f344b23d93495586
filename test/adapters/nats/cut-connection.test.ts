/** The bus on NATS over a connection that is cut: nothing is lost, nothing is inverted, and nobody waits for long. */

import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { openNatsBus } from "../../../src/adapters/nats/event-bus.ts";
import type { BusMessage, EventBus } from "../../../src/ports/event-bus.ts";
import { eventually } from "../../contract/event-bus-contract.ts";
import { type FaultProxy, faultProxy } from "../../support/fault-proxy.ts";
import { natsBusOptions } from "../../support/nats-bus-options.ts";
import { NATS_MISSING, type NatsServer, startNats } from "../../support/nats-server.ts";

const SUBJECT = "fql.ev.3.acme.public=2eorders.insert";
const MESSAGES = 3_000;
const ALL = Array.from({ length: MESSAGES }, (_, at): BusMessage => ({ id: `e:${at}`, subject: SUBJECT, body: "{}" }));
const IDS = ALL.map(({ id }) => id);
/** The client itself gives up after five seconds. */
const AT_ONCE_MS = 2_500;

describe.skipIf(NATS_MISSING !== undefined)("a connection to NATS that is cut", () => {
  let server: NatsServer;
  let proxy: FaultProxy;
  let buses: EventBus[];
  beforeEach(async () => {
    server = await startNats();
    proxy = await faultProxy(server.url);
    buses = [];
  });
  afterEach(async () => {
    await Promise.all(buses.map((bus) => bus.close()));
    await proxy.close();
    await server.stop();
  });
  const open = async (url: string) => {
    const bus = openNatsBus(natsBusOptions(url));
    buses.push(bus);
    await bus.state();
    return bus;
  };

  /** The ids in the order in which they came for the first time; `each` sees every delivery before it is acknowledged. */
  async function firstSeen(bus: EventBus, each: (seen: number) => void): Promise<readonly string[]> {
    const stop = new AbortController();
    const seen = new Set<string>();
    for await (const delivery of bus.read({ shard: 3, inFlightMax: 64, signal: stop.signal })) {
      seen.add(delivery.id);
      each(seen.size);
      // Where the connection is away it comes again.
      await delivery.ack().catch(() => {});
      if (seen.size === MESSAGES) stop.abort();
    }
    return [...seen];
  }

  test("in the middle of batches: the stream has all of them once, in order", async () => {
    const publisher = await open(proxy.url);
    const cuts = new Set([1, 300, 301, 700, 1_500, 2_900]);
    const reading = firstSeen(await open(server.url), (seen) => {
      if (cuts.delete(seen)) proxy.cut();
    });
    let rejections = 0;
    for (let done = false; !done; ) {
      try {
        await eventually(() => publisher.state());
        await publisher.publish(ALL);
        // Whoever publishes is quicker than who reads: until the last cut it begins again.
        done = cuts.size === 0;
      } catch (error) {
        expect(error).toMatchObject({ code: "BUS_UNAVAILABLE" });
        rejections += 1;
      }
    }
    expect(await reading).toEqual(IDS);
    expect((await eventually(() => publisher.state())).lastSequence).toBe(MESSAGES);
    expect(rejections).toBeGreaterThan(0);
  }, 60_000);

  test("in the middle of reading: what was on its way comes again before what is behind it", async () => {
    const reader = await open(proxy.url);
    await (await open(server.url)).publish(ALL);
    const cuts = new Set([1, 10, 100, 1_000, 1_001, 2_990]);
    const ids = await firstSeen(reader, (seen) => {
      if (cuts.delete(seen)) proxy.cut();
    });
    expect(ids).toEqual(IDS);
    expect(cuts.size).toBe(0);
  }, 60_000);

  test("what is under way is rejected at once: a publication, an acknowledgement, a look", async () => {
    const bus = await open(proxy.url);
    await bus.publish(ALL.slice(0, 1));
    const stop = new AbortController();
    const deliveries = bus.read({ shard: 3, inFlightMax: 64, signal: stop.signal })[Symbol.asyncIterator]();
    const { value: delivery } = await deliveries.next();
    proxy.freeze();
    const underWay = [bus.publish(ALL.slice(1, 500)), delivery.ack(), bus.pending()];
    const began = performance.now();
    const ended = Promise.allSettled(underWay);
    proxy.cut();
    const codes = (await ended).map((result) => result.status === "rejected" && result.reason.code);
    expect(codes).toEqual(["BUS_UNAVAILABLE", "BUS_UNAVAILABLE", "BUS_UNAVAILABLE"]);
    proxy.thaw();
    await eventually(() => bus.state());
    expect(await bus.publish(ALL)).toBe(MESSAGES);
    expect(performance.now() - began).toBeLessThan(AT_ONCE_MS);
    stop.abort();
    await deliveries.return?.();
  }, 60_000);
});
