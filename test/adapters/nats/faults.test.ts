/** What becomes of messages when NATS, or the way to it, breaks; each time the bus comes back by itself. */

import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { openNatsBus } from "../../../src/adapters/nats/event-bus.ts";
import type { EventBus } from "../../../src/ports/event-bus.ts";
import { eventually, messages, type Reader, reader } from "../../contract/event-bus-contract.ts";
import { type FaultProxy, faultProxy } from "../../support/fault-proxy.ts";
import { natsBusOptions } from "../../support/nats-bus-options.ts";
import { NATS_MISSING, type NatsServer, startNats } from "../../support/nats-server.ts";

const optionsOf = (url: string) => ({ ...natsBusOptions(url), ackWaitMs: 1_000, connectTimeoutMs: 500 });

let server: NatsServer;
let proxy: FaultProxy;
let bus: EventBus;
beforeEach(async () => {
  server = await startNats();
  proxy = await faultProxy(server.url);
  bus = openNatsBus(optionsOf(proxy.url));
});
afterEach(async () => {
  await bus.close();
  await proxy.close();
  await server.stop();
});

/** As the relay does: again from the start of what is not confirmed, after a look at the log. */
const publishStubbornly = (from: number, to: number) =>
  eventually(async () => {
    await bus.state();
    return bus.publish(messages(from, to));
  });

/** Acknowledges until all of them came; gives the order in which each came first. */
const firstDeliveries = async (reading: Reader, count: number): Promise<string[]> => {
  const seen = new Set<string>();
  while (seen.size < count) {
    const delivery = await reading.next();
    seen.add(delivery.id);
    await delivery.ack().catch(() => {});
  }
  return [...seen];
};
const idsOf = (from: number, to: number) => messages(from, to).map(({ id }) => id);

describe.skipIf(NATS_MISSING !== undefined)(`NATS${NATS_MISSING ? ` (skipped: ${NATS_MISSING})` : ""}`, () => {
  test("killed five times under load, it loses nothing and turns no order around", async () => {
    const reading = reader(bus, 200);
    const all = firstDeliveries(reading, 3_000);
    let last = 0;
    const publishing = (async () => {
      for (; last < 3_000; last += 100) await publishStubbornly(last + 1, last + 100);
    })();
    for (let kills = 1; kills <= 5; kills += 1) {
      await eventually(async () => expect(last).toBeGreaterThanOrEqual(kills * 400));
      await server.kill();
      await server.restart();
    }
    await publishing;
    expect(await all).toEqual(idsOf(1, 3_000));
  }, 60_000);

  test("a connection that is cut is made anew; what waits goes on", async () => {
    await publishStubbornly(1, 2);
    const reading = reader(bus, 10);
    expect(await firstDeliveries(reading, 2)).toEqual(idsOf(1, 2));
    const next = firstDeliveries(reading, 2);
    for (let cuts = 0; cuts < 3; cuts += 1) {
      proxy.cut();
      await eventually(() => bus.state());
    }
    await publishStubbornly(3, 4);
    expect(await next).toEqual(idsOf(3, 4));
  }, 30_000);

  test("after the connection was lost nothing is published until the log was looked at", async () => {
    await publishStubbornly(1, 5);
    await server.kill();
    await server.restart();
    await eventually(() => bus.pending());
    await bus.incarnation();
    expect(await bus.publish(messages(6, 6)).catch((error) => error.code)).toBe("BUS_UNAVAILABLE");
    expect((await bus.state()).lastSequence).toBe(5);
    expect(await bus.publish(messages(6, 6))).toBe(6);
  }, 30_000);

  test("a log that went back is seen to have, and is filled again in order", async () => {
    await publishStubbornly(1, 5);
    await server.kill();
    await server.keepData();
    await server.restart();
    await publishStubbornly(6, 20);
    const before = await bus.state();
    await server.kill();
    await server.rollBack();
    await server.restart();
    const after = await eventually(() => bus.state());
    expect([after.incarnation, after.lastSequence]).toEqual([before.incarnation, 5]);
    await bus.publish(messages(6, 22));
    expect(await firstDeliveries(reader(bus, 50), 22)).toEqual(idsOf(1, 22));
  }, 30_000);
});
