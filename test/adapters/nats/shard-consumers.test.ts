/** The place of a shard on NATS: each reader has a consumer of its own, which begins where the one before it was. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { AckPolicy, connect, DeliverPolicy, type JetStreamManager, type NatsConnection } from "nats.ws";
import { openNatsBus } from "../../../src/adapters/nats/event-bus.ts";
import { renewConsumer } from "../../../src/adapters/nats/streams.ts";
import { shardSubjects } from "../../../src/core/events/subject.ts";
import type { EventBus } from "../../../src/ports/event-bus.ts";
import { messages, reader } from "../../contract/event-bus-contract.ts";
import { faultProxy } from "../../support/fault-proxy.ts";
import { natsBusOptions } from "../../support/nats-bus-options.ts";
import { NATS_MISSING, type NatsServer, startNats } from "../../support/nats-server.ts";

const STREAM = "FRAISEQL_EVENTS";
const SHARD = 3;

describe.skipIf(NATS_MISSING !== undefined)(`A shard's consumer${NATS_MISSING ? `: ${NATS_MISSING}` : ""}`, () => {
  let server: NatsServer;
  let other: NatsConnection;
  let manager: JetStreamManager;
  let buses: EventBus[];
  beforeEach(async () => {
    server = await startNats();
    other = await connect({ servers: server.url });
    manager = await other.jetstreamManager();
    buses = [];
  });
  afterEach(async () => {
    await Promise.all(buses.map((bus) => bus.close()));
    await other.close();
    await server.stop();
  });
  const open = async (url = server.url) => {
    const bus = openNatsBus(natsBusOptions(url));
    buses.push(bus);
    await bus.state();
    return bus;
  };
  const consumers = async () => (await manager.consumers.list(STREAM).next()).map(({ name }) => name);
  /** The first that a new reader is given; it is not acknowledged. */
  const nextOf = async (bus: EventBus, shard = SHARD) => {
    const reading = reader(bus, 10, shard);
    const { id } = await reading.next();
    await reading.stop();
    return id;
  };
  const ack = async (bus: EventBus, count: number) => {
    const reading = reader(bus);
    const taken = await reading.take(count);
    await Promise.all(taken.map((delivery) => delivery.ack()));
    await reading.stop();
  };

  test("each reader has a new one, under a name that none had before, and there is one alone", async () => {
    const bus = await open();
    await bus.publish(messages(1, 3));
    const had = new Set<string>();
    for (const id of ["epoch:1", "epoch:2", "epoch:3"]) {
      const reading = reader(bus);
      const delivery = await reading.next();
      expect(delivery.id).toBe(id);
      await delivery.ack();
      await reading.stop();
      const [name = "", ...others] = await consumers();
      expect(name).toMatch(/^shard-3-\w+$/);
      expect(others).toEqual([]);
      had.add(name);
    }
    expect(had.size).toBe(3);
  });

  test("a reader that ended before it acknowledged anything leaves the place as it was", async () => {
    const bus = await open();
    await bus.publish(messages(1, 9));
    await ack(bus, 4);
    for (let readers = 0; readers < 3; readers += 1) expect(await nextOf(bus)).toBe("epoch:5");
  });

  test("of two that a cut left, the farther says where to begin", async () => {
    const bus = await open();
    await bus.publish(messages(1, 9));
    const add = (name: string, from: number) =>
      manager.consumers.add(STREAM, {
        durable_name: name,
        filter_subject: shardSubjects(SHARD),
        ack_policy: AckPolicy.Explicit,
        deliver_policy: DeliverPolicy.StartSequence,
        opt_start_seq: from,
      });
    await ack(bus, 4);
    await add("shard-3-behind", 1);
    expect(await nextOf(bus)).toBe("epoch:5");
    expect(await consumers()).toHaveLength(1);
    await add("shard-3-ahead", 8);
    expect(await nextOf(bus)).toBe("epoch:8");
    expect(await consumers()).toHaveLength(1);
  });

  test("a consumer of another shard, or of somebody else, is not touched", async () => {
    const bus = await open();
    const foreign = { durable_name: "archive", ack_policy: AckPolicy.Explicit, filter_subject: "fql.ev.>" };
    await manager.consumers.add(STREAM, foreign);
    await bus.publish([...messages(1, 1, 1), ...messages(2, 2, 13)]);
    for (const shard of [13, 1, 1]) await nextOf(bus, shard);
    expect((await consumers()).map((name) => name.split("-").slice(0, 2).join("-")).toSorted()).toEqual([
      "archive",
      "shard-1",
      "shard-13",
    ]);
    expect([(await bus.pending())[1], (await bus.pending())[13]]).toEqual([1, 1]);
  });

  test("wherever a cut comes between two consumers, the place is kept", async () => {
    const bus = await open();
    await bus.publish(messages(1, 60));
    let acked = 0;
    for (const when of ["before", "after"]) {
      for (let cutAt = 1, isOver = false; !isOver; cutAt += 1) {
        await ack(bus, 3);
        acked += 3;
        let step = 0;
        const whileUp = async <T>(work: () => Promise<T>): Promise<T> => {
          step += 1;
          const isCut = step === cutAt;
          if (isCut && when === "before") throw new Error("cut");
          const done = await work();
          if (isCut) throw new Error("cut");
          return done;
        };
        const wanted = { shard: SHARD, inFlightMax: 10, ackWaitMs: 600_000 };
        isOver = await renewConsumer({ manager, whileUp }, STREAM, wanted).then(
          () => true,
          (error) => {
            expect(error.message).toBe("cut");
            return false;
          },
        );
        expect([when, cutAt, await nextOf(bus)]).toEqual([when, cutAt, `epoch:${acked + 1}`]);
      }
    }
    expect(acked).toBeGreaterThan(12);
  });

  test("what was read before the stream was made anew says nothing of the new one", async () => {
    const bus = await open();
    await bus.publish(messages(1, 5));
    const reading = reader(bus);
    const old = await reading.take(5);
    await server.deleteStream(STREAM);
    await bus.state();
    await bus.publish(messages(101, 105));
    await reading.take(5);
    await Promise.all(old.map((delivery) => delivery.retry(0)));
    await bus.publish(messages(106, 106));
    expect((await reading.next()).id).toBe("epoch:106");
    await Promise.allSettled(old.map((delivery) => delivery.ack()));
    await reading.stop();
    // As whoever comes after a reader that died before it had decided.
    expect(await nextOf(bus)).toBe("epoch:101");
  });

  test("what a reader that stood still says when it goes on is not taken for messages of a stream that was made anew", async () => {
    const proxy = await faultProxy(server.url);
    const bus = await open();
    const frozen = await open(proxy.url);
    await frozen.publish(messages(1, 5));
    const stale = reader(frozen);
    const taken = await stale.take(5);
    await stale.stop();
    proxy.freeze();
    const said = Promise.allSettled(taken.map((delivery) => delivery.ack()));
    await server.deleteStream(STREAM);
    await bus.state();
    await bus.publish(messages(101, 105));
    const reading = reader(bus);
    await reading.take(5);
    proxy.thaw();
    await said;
    await reading.stop();
    expect((await bus.pending())[SHARD]).toBe(5);
    expect(await nextOf(bus)).toBe("epoch:101");
    await proxy.close();
  });
});
