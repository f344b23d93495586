/** The outbox of a database, for commands that show what is in it. */
import { openOutbox } from "../adapters/postgres/outbox/outbox.ts";
import { openWorkerSql } from "../adapters/postgres/worker/worker-sql.ts";
import { realWait } from "../adapters/timers/wait.ts";
import type { Config } from "../config/schema.ts";
import type { Outbox } from "../ports/outbox.ts";
import type { Wait } from "../ports/wait.ts";

export type EventLog = { readonly outbox: Outbox; readonly wait: Wait; close(): Promise<void> };

export function openEventLog({ database }: Pick<Config, "database">): EventLog {
  const { connectTimeoutMs } = database;
  const url = database.ownerUrl ?? database.url;
  const sql = openWorkerSql({ url, connectionsMax: 1, connectTimeoutMs, name: "fraiseql events" });
  return { outbox: openOutbox(sql), wait: realWait, close: () => sql.end({ timeout: 1 }) };
}
