import type { NatsBusOptions } from "../../src/adapters/nats/event-bus.ts";
import { realWait } from "../../src/adapters/timers/wait.ts";

/** For a bus on a server of the test's own, which gives nothing out again by itself while a test takes. */
export function natsBusOptions(url: string): NatsBusOptions {
  return {
    url,
    wait: realWait,
    connectTimeoutMs: 2_000,
    name: "FRAISEQL",
    duplicateWindowMs: 120_000,
    retentionMs: 86_400_000,
    replicas: 1,
    ackWaitMs: 600_000,
  };
}
