/** The outbox of a database and the bus, for commands that show events and publish them again. */
import { openOutbox } from "../adapters/postgres/outbox/outbox.ts";
import { openWorkerSql } from "../adapters/postgres/worker/worker-sql.ts";
import { realWait } from "../adapters/timers/wait.ts";
import type { Config } from "../config/schema.ts";
import { refuseOtherBus } from "../flows/events/own-bus.ts";
import type { EventBus } from "../ports/event-bus.ts";
import type { Outbox } from "../ports/outbox.ts";
import type { Wait } from "../ports/wait.ts";
import { openEventBus } from "./event-bus.ts";

export type EventLog = {
  readonly outbox: Outbox;
  readonly wait: Wait;
  /**
   * Opened when it is first asked for.
   *
   * @throws FraiseqlError CONFIG_INVALID where the relay publishes to another, BUS_UNAVAILABLE
   */
  bus(): Promise<EventBus>;
  close(): Promise<void>;
};

/** The outbox and, once it is asked for, the bus: for commands that show events or publish them again. */
export function openEventLog({ database, nats }: Pick<Config, "database" | "nats">): EventLog {
  const { connectTimeoutMs } = database;
  const url = database.ownerUrl ?? database.url;
  const sql = openWorkerSql({ url, connectionsMax: 2, connectTimeoutMs, name: "fraiseql events" });
  const outbox = openOutbox(sql);
  let bus: Promise<EventBus> | undefined;
  return {
    outbox,
    wait: realWait,
    bus: async () => {
      bus ??= openEventBus({ nats }, sql);
      const opened = await bus;
      await refuseOtherBus({ outbox, bus: opened });
      return opened;
    },
    close: async () => {
      await (await bus)?.close();
      await sql.end({ timeout: 1 });
    },
  };
}
