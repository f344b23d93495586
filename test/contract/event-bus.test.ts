/** Every event bus keeps the promises of its port. */
import { afterAll, beforeAll, describe, test } from "bun:test";
import { createMemoryBus } from "../../src/adapters/memory/event-bus.ts";
import { openNatsBus } from "../../src/adapters/nats/event-bus.ts";
import { openPostgresBus } from "../../src/adapters/postgres/bus/event-bus.ts";
import { openWorkerSql } from "../../src/adapters/postgres/worker/worker-sql.ts";
import { realWait } from "../../src/adapters/timers/wait.ts";
import type { EventBus } from "../../src/ports/event-bus.ts";
import { type FaultProxy, faultProxy } from "../support/fault-proxy.ts";
import { type MigratedDatabase, migratedDatabase } from "../support/migrated.ts";
import { natsBusOptions } from "../support/nats-bus-options.ts";
import { NATS_MISSING, startNats } from "../support/nats-server.ts";
import { type BusWorld, EVENT_BUS_CONTRACT } from "./event-bus-contract.ts";

type Outage = NonNullable<BusWorld["outage"]>;
type World = {
  open(ackWaitMs: number): EventBus;
  readonly isShared: boolean;
  readonly outage?: Outage;
  end(): Promise<void>;
};

/** Longer than a test may take. */
const ACK_WAIT_MS = 600_000;

function holds(name: string, openWorld: () => Promise<World>, missing?: string): void {
  describe.skipIf(missing !== undefined)(`EventBus: ${name}${missing ? ` (skipped: ${missing})` : ""}`, () => {
    for (const [sentence, promise] of Object.entries(EVENT_BUS_CONTRACT)) {
      test(sentence, async () => {
        const world = await openWorld();
        const opened: EventBus[] = [];
        const open = async (ackWaitMs = ACK_WAIT_MS) => {
          const bus = world.open(ackWaitMs);
          opened.push(bus);
          await bus.state();
          return bus;
        };
        try {
          await promise({ open, isShared: world.isShared, ...(world.outage && { outage: world.outage }) });
        } finally {
          for (const bus of opened) await bus.close();
          await world.end();
        }
      }, 30_000);
    }
  });
}

holds("memory", async () => {
  let bus: EventBus | undefined;
  const open = (ackWaitMs: number) => {
    bus ??= createMemoryBus({ wait: realWait, ackWaitMs });
    return bus;
  };
  return { open, isShared: true, end: async () => {} };
});

let database: MigratedDatabase;
let proxy: FaultProxy;
beforeAll(async () => {
  database = await migratedDatabase("event_bus");
  proxy = await faultProxy(database.url);
});
afterAll(async () => {
  await proxy.close();
  await database.drop();
});

const EMPTY = `truncate fraiseql.bus_messages, fraiseql.bus_given, fraiseql.bus_refused;
  update fraiseql.bus set last_sequence = 0; update fraiseql.bus_shards set given_to = 0`;

holds("PostgreSQL", async () => {
  const sql = openWorkerSql({ url: proxy.url, connectionsMax: 4, connectTimeoutMs: 2_000, name: "bus" });
  await sql.unsafe(EMPTY).simple();
  return {
    isShared: true,
    open: (ackWaitMs) => openPostgresBus({ sql, wait: realWait, ackWaitMs }),
    outage: { begin: () => proxy.refuse(), end: () => proxy.accept() },
    end: () => sql.end({ timeout: 1 }),
  };
});

holds(
  "NATS JetStream",
  async () => {
    const server = await startNats();
    return {
      isShared: false,
      open: (ackWaitMs) => openNatsBus({ ...natsBusOptions(server.url), ackWaitMs }),
      outage: { begin: server.kill, end: () => server.restart() },
      end: server.stop,
    };
  },
  NATS_MISSING,
);
