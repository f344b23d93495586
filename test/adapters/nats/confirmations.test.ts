/** What is confirmed on NATS: the last of a batch for all of it, on the way in and on the way out. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { connect, type NatsConnection } from "nats.ws";
import { openNatsBus } from "../../../src/adapters/nats/event-bus.ts";
import type { EventBus } from "../../../src/ports/event-bus.ts";
import { eventually, messages, reader } from "../../contract/event-bus-contract.ts";
import { type FaultProxy, faultProxy } from "../../support/fault-proxy.ts";
import { natsBusOptions } from "../../support/nats-bus-options.ts";
import { NATS_MISSING, type NatsServer, startNats } from "../../support/nats-server.ts";

const idsOf = (from: number, to: number) => messages(from, to).map(({ id }) => id);

describe.skipIf(NATS_MISSING !== undefined)(`Confirmations${NATS_MISSING ? `: ${NATS_MISSING}` : ""}`, () => {
  let server: NatsServer;
  let proxy: FaultProxy;
  let watcher: NatsConnection;
  let buses: EventBus[];
  beforeEach(async () => {
    server = await startNats();
    proxy = await faultProxy(server.url);
    watcher = await connect({ servers: server.url });
    buses = [];
  });
  afterEach(async () => {
    await Promise.all(buses.map((bus) => bus.close()));
    await watcher.close();
    await proxy.close();
    await server.stop();
  });
  const open = async (url = server.url) => {
    const bus = openNatsBus(natsBusOptions(url));
    buses.push(bus);
    await bus.state();
    return bus;
  };
  /** The places of those that asked for an answer, among so many that pass on these subjects. */
  async function asking(subjects: string, count: number): Promise<() => Promise<number[]>> {
    const watching = watcher.subscribe(subjects, { max: count });
    await watcher.flush();
    return async () => {
      const found: number[] = [];
      let place = 0;
      for await (const { reply } of watching) {
        place += 1;
        if (reply) found.push(place);
      }
      return found;
    };
  }

  test("of a long batch every 256th and the last ask for a confirmation", async () => {
    const bus = await open();
    const asked = await asking("fql.ev.>", 600);
    expect(await bus.publish(messages(1, 600))).toBe(600);
    expect(await asked()).toEqual([256, 512, 600]);
  });

  test("of what is acknowledged in one moment the last asks, and its answer is that of all", async () => {
    const bus = await open();
    await bus.publish(messages(1, 60));
    const reading = reader(bus, 60);
    const taken = await reading.take(50);
    const asked = await asking("$JS.ACK.>", 50);
    await Promise.all(taken.map((delivery) => delivery.ack()));
    await reading.stop();
    expect((await reader(await open()).next()).id).toBe("epoch:51");
    expect(await asked()).toEqual([50]);
  });

  test("acknowledgements that did not get through are all rejected, and all of it comes again", async () => {
    const bus = await open(proxy.url);
    await bus.publish(messages(1, 20));
    const reading = reader(bus, 20);
    const [first, ...rest] = await reading.take(20);
    await first?.ack();
    proxy.freeze();
    const acknowledging = Promise.allSettled(rest.map((delivery) => delivery.ack()));
    proxy.cut();
    const codes = (await acknowledging).map((result) => result.status === "rejected" && result.reason.code);
    expect(codes).toEqual(Array(19).fill("BUS_UNAVAILABLE"));
    proxy.thaw();
    expect((await reading.take(19)).map(({ id }) => id)).toEqual(idsOf(2, 20));
    // Those of before the cut are of no use to it.
    await expect(rest[0]?.ack()).rejects.toMatchObject({ code: "BUS_UNAVAILABLE" });
  });

  test("where two publish in turns, each message is there once, and each publisher's in its order", async () => {
    const [one, two] = [await open(), await open()];
    for (let from = 1; from <= 60; from += 20) {
      await one.publish(messages(from, from + 9));
      await two.publish(messages(from + 10, from + 19));
    }
    expect((await one.state()).lastSequence).toBe(60);
    const taken = await reader(one, 60).take(60);
    expect(taken.map(({ id }) => id)).toEqual(idsOf(1, 60));
  });

  test("a batch for a stream that was made anew meanwhile is refused whole until its state was asked", async () => {
    const [bus, other] = [await open(), await open()];
    await bus.publish(messages(1, 5));
    await server.deleteStream("FRAISEQL_EVENTS");
    await eventually(async () => expect((await other.state()).lastSequence).toBe(0));
    await expect(bus.publish(messages(6, 8))).rejects.toMatchObject({ code: "BUS_UNAVAILABLE" });
    expect((await other.state()).lastSequence).toBe(0);
    await bus.state();
    expect(await bus.publish(messages(1, 8))).toBe(8);
  });
});
