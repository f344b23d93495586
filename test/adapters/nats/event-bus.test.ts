import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openNatsBus } from "../../../src/adapters/nats/event-bus.ts";
import type { FraiseqlError } from "../../../src/core/errors.ts";
import { SHARDS } from "../../../src/core/events/subject.ts";
import type { BusDelivery, BusMessage, EventBus } from "../../../src/ports/event-bus.ts";
import { natsBusOptions } from "../../support/nats-bus-options.ts";
import { NATS_MISSING, type NatsServer, startNats } from "../../support/nats-server.ts";
import { until } from "../../support/until.ts";

const SUBJECT = "fql.ev.3.acme.public=2eorders.insert";
const message = (at: number): BusMessage => ({ id: `e:${at}`, subject: SUBJECT, body: `{"n":${at}}` });
const messages = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => message(from + at));

let server: NatsServer;
let buses: EventBus[];
const open = async (
  more: { readonly ackWaitMs?: number; readonly user?: string; readonly passwordFile?: string } = {},
) => {
  const bus = openNatsBus({ ...natsBusOptions(server.url), ackWaitMs: 30_000, ...more });
  buses.push(bus);
  await bus.state();
  return bus;
};

/** Reads so many, and acknowledges each. */
async function take(bus: EventBus, count: number, each: (delivery: BusDelivery) => Promise<void> = (d) => d.ack()) {
  const stop = new AbortController();
  const ids: string[] = [];
  for await (const delivery of bus.read({ shard: 3, inFlightMax: 64, signal: stop.signal })) {
    ids.push(delivery.id);
    await each(delivery);
    if (ids.length === count) stop.abort();
  }
  return ids;
}

/** Reads from now on, and acknowledges, until each of these has come; some may come again. */
async function untilSeen(bus: EventBus, wanted: readonly BusMessage[]): Promise<void> {
  const missing = new Set(wanted.map(({ id }) => id));
  const stop = new AbortController();
  for await (const delivery of bus.read({ shard: 3, inFlightMax: 64, signal: stop.signal })) {
    missing.delete(delivery.id);
    await delivery.ack().catch(() => {});
    if (missing.size === 0) stop.abort();
  }
}

/** All there is was read and acknowledged. */
const untilRead = (bus: EventBus) => until(async () => (await bus.pending())[3] === 0);

/** Tries until it is done: the bus is away for a moment. */
/** @param final - a refusal that ends it */
async function untilTaken(bus: EventBus, sent: readonly BusMessage[], final?: RegExp): Promise<void> {
  for (;;) {
    try {
      await bus.state();
      await bus.publish(sent);
      return;
    } catch (error) {
      const { code, message } = error as FraiseqlError;
      if (code !== "BUS_UNAVAILABLE" || final?.test(message)) throw error;
      // It fails at once while there is no connection: who asks again without a pause would keep it from being made.
      await Bun.sleep(20);
    }
  }
}

describe.skipIf(NATS_MISSING !== undefined)("the bus on NATS", () => {
  beforeEach(async () => {
    buses = [];
    server = await startNats();
  });
  afterEach(async () => {
    await Promise.all(buses.map((bus) => bus.close()));
    await server.stop();
  });

  test("a reader that died with messages in its hands: the next begins with these, in order", async () => {
    const bus = await open();
    await bus.publish(messages(1, 20));
    const taken = await take(bus, 5, async (delivery) => {
      if (delivery.id !== "e:2") await delivery.ack();
    });
    expect(taken).toEqual(["e:1", "e:2", "e:3", "e:4", "e:5"]);
    expect(await take(await open(), 19)).toEqual(messages(2, 20).map(({ id }) => id));
  });

  test("goes on after the server was killed, and nothing that was published is gone", async () => {
    const bus = await open();
    await bus.publish(messages(1, 300));
    const reading = take(bus, 600);
    await server.kill();
    await expect(bus.publish(messages(301, 302))).rejects.toMatchObject({ code: "BUS_UNAVAILABLE" });
    await server.restart();
    await untilTaken(bus, messages(301, 600));
    const ids = new Set(await reading);
    // Acknowledgements may be lost with the server: such messages come twice.
    for (const { id } of messages(1, 300)) expect(ids).toContain(id);
    await bus.publish(messages(1, 600));
    expect((await bus.state()).lastSequence).toBe(600);
  }, 60_000);

  test("a server that lost its data is another incarnation, and both sides go on with it", async () => {
    const bus = await open();
    await bus.publish(messages(1, 10));
    const before = await bus.state();
    const reading = untilSeen(bus, messages(1, 30));
    await untilRead(bus);
    await server.kill();
    await rm(server.store, { recursive: true });
    await server.restart();
    await untilTaken(bus, messages(11, 20));
    const after = await bus.state();
    expect(after.lastSequence).toBe(10);
    expect(after.incarnation).not.toBe(before.incarnation);
    await untilTaken(bus, messages(21, 30));
    await reading;
  }, 60_000);

  test("a stream that was deleted is made again", async () => {
    const bus = await open();
    await bus.publish(messages(1, 5));
    const before = await bus.state();
    const { connect } = await import("nats.ws");
    const other = await connect({ servers: server.url });
    await (await other.jetstreamManager()).streams.delete("FRAISEQL_EVENTS");
    await other.close();
    const after = await bus.state();
    expect([after.lastSequence, after.incarnation === before.incarnation]).toEqual([0, false]);
    await bus.publish(messages(1, 5));
    expect(await take(bus, 5)).toHaveLength(5);
  });

  test("a stream that is made again while the server is removing the old one keeps its files", async () => {
    const bus = await open();
    const over = new AbortController();
    const shards = Array.from({ length: SHARDS }, (_, shard) => shard);
    const reading = shards.map(async (shard) => {
      for await (const delivery of bus.read({ shard, inFlightMax: 64, signal: over.signal }))
        await delivery.ack().catch(() => {});
    });
    for (let made = 0; made < 3; made += 1) {
      await untilTaken(bus, messages(made * 1_000 + 1, made * 1_000 + 1_000));
      const { incarnation } = await bus.state();
      const deleting = server.deleteStream("FRAISEQL_EVENTS");
      while ((await bus.state().catch(() => undefined))?.incarnation === incarnation);
      await deleting;
      expect(existsSync(join(server.store, "jetstream/$G/streams/FRAISEQL_EVENTS/msgs"))).toBe(true);
    }
    over.abort();
    await Promise.all(reading);
  }, 30_000);

  test("what a lost connection tore out of the middle of a batch takes the rest along", async () => {
    const bus = await open();
    await bus.publish(messages(1, 2));
    const { connect } = await import("nats.ws");
    const other = await connect({ servers: server.url });
    const js = other.jetstream();
    // As when 11 was lost on the way, and 12 was not.
    await bus.publish(messages(10, 10));
    const twelve = js.publish(SUBJECT, "{}", { msgID: "e:12", expect: { lastMsgID: "e:11" } });
    await expect(twelve).rejects.toThrow(/wrong last msg/);
    await other.close();
  });

  test("a password that is changed on the server and in its file is taken up", async () => {
    await server.stop();
    server = await startNats({ user: "fraiseql", password: "first" });
    const passwordFile = join(server.store, "..", "password");
    await writeFile(passwordFile, "first\n");
    const bus = await open({ user: "fraiseql", passwordFile });
    const reading = untilSeen(bus, messages(1, 2));
    await bus.publish(messages(1, 1));
    await untilRead(bus);
    await server.kill();
    await server.restart({ user: "fraiseql", password: "second" });
    await expect(untilTaken(bus, messages(2, 2), /refuses the login/)).rejects.toThrow("NATS refuses the login");
    await expect(open({ user: "fraiseql", passwordFile })).rejects.toThrow("NATS refuses the login");
    await writeFile(passwordFile, "second");
    await untilTaken(bus, messages(2, 2));
    expect((await bus.state()).lastSequence).toBe(2);
    await reading;
  }, 60_000);

  test("a server that is frozen is left, and found again", async () => {
    const bus = await open();
    const reading = untilSeen(bus, messages(1, 2));
    await bus.publish(messages(1, 1));
    await untilRead(bus);
    await server.freeze();
    await expect(bus.publish(messages(2, 2))).rejects.toMatchObject({ code: "BUS_UNAVAILABLE" });
    server.thaw();
    await untilTaken(bus, messages(2, 2));
    await reading;
    expect((await bus.state()).lastSequence).toBe(2);
  }, 60_000);

  test("a message nobody understands is kept with its reason", async () => {
    const bus = await open();
    await bus.publish(messages(1, 2));
    await take(bus, 2, (delivery) => delivery.reject("no event: größer\nals gedacht"));
    const [second, first] = await bus.refused({ limit: 10 });
    expect(first).toMatchObject({
      id: "e:1",
      subject: SUBJECT,
      body: '{"n":1}',
      reason: "no event: größer\nals gedacht",
    });
    expect(second?.id).toBe("e:2");
    expect((await bus.pending())[3]).toBe(0);
  });
});
