/** A relay that can be killed: from the database at the first argument to the NATS at the second. Prints what it observes. */
import process from "node:process";
import { openNatsBus } from "../../src/adapters/nats/event-bus.ts";
import { openLeases } from "../../src/adapters/postgres/leases/leases.ts";
import { openChangeFeed } from "../../src/adapters/postgres/outbox/change-feed.ts";
import { openWorkerSql } from "../../src/adapters/postgres/worker/worker-sql.ts";
import { realWait } from "../../src/adapters/timers/wait.ts";
import type { Observation } from "../../src/core/observation.ts";
import { relayChanges } from "../../src/flows/events/publish-changes.ts";
import { QUICK_BUS } from "./quick-bus.ts";

const [, , databaseUrl = "", natsUrl = ""] = process.argv;
const sql = openWorkerSql({
  url: databaseUrl,
  connectionsMax: 4,
  connectTimeoutMs: 1_000,
  name: "chaos relay",
  statementTimeoutMs: 2_000,
});
const parts = {
  feed: openChangeFeed(sql),
  bus: openNatsBus({ ...QUICK_BUS, url: natsUrl }),
  leases: openLeases(sql),
  wait: realWait,
  observe: ({ kind }: Observation) => {
    if (kind !== "events-published") process.stdout.write(`${kind}\n`);
  },
};
await relayChanges(parts, {
  holder: crypto.randomUUID(),
  retentionMs: 3_600_000,
  leaseMs: 1_500,
  signal: new AbortController().signal,
});
