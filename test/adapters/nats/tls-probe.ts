/** A process of its own, for its variables: prints how far the log of the bus at the first argument goes, or why not. */

import process from "node:process";
import { openNatsBus } from "../../../src/adapters/nats/event-bus.ts";
import { realWait } from "../../../src/adapters/timers/wait.ts";

const bus = openNatsBus({
  url: process.argv[2] ?? "",
  wait: realWait,
  ackWaitMs: 1_000,
  connectTimeoutMs: 1_000,
  name: "FRAISEQL",
  duplicateWindowMs: 120_000,
  retentionMs: 86_400_000,
  replicas: 1,
});
const told = await bus.state().then(
  ({ lastSequence }) => String(lastSequence),
  (error: { code: string }) => error.code,
);
process.stdout.write(`${told}\n`, () => process.exit());
