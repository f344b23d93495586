/** The bus that is configured: NATS JetStream, or else the tables of PostgreSQL. */
import type { Sql } from "postgres";
import { realWait } from "../adapters/timers/wait.ts";
import type { Config } from "../config/schema.ts";
import type { EventBus } from "../ports/event-bus.ts";

/** Opens nothing yet; the driver of the other is not loaded. */
export async function openEventBus({ nats }: Pick<Config, "nats">, sql: Sql): Promise<EventBus> {
  const { url, ...options } = nats;
  if (url === undefined) {
    const { openPostgresBus } = await import("../adapters/postgres/bus/event-bus.ts");
    return openPostgresBus({ sql, wait: realWait });
  }
  const { openNatsBus } = await import("../adapters/nats/event-bus.ts");
  return openNatsBus({ ...options, url, wait: realWait });
}
