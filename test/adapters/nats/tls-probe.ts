/** A process of its own, for its variables: prints how far the log of the bus at the first argument goes, or why not. */

import process from "node:process";
import { openNatsBus } from "../../../src/adapters/nats/event-bus.ts";
import { natsBusOptions } from "../../support/nats-bus-options.ts";

const bus = openNatsBus({ ...natsBusOptions(process.argv[2] ?? ""), ackWaitMs: 1_000, connectTimeoutMs: 1_000 });
const told = await bus.state().then(
  ({ lastSequence }) => String(lastSequence),
  (error: { code: string }) => error.code,
);
process.stdout.write(`${told}\n`, () => process.exit());
