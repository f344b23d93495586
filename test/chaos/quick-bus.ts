import { realWait } from "../../src/adapters/timers/wait.ts";

/** The settings of the bus in these runs. */
export const QUICK_BUS = {
  wait: realWait,
  ackWaitMs: 2_000,
  connectTimeoutMs: 1_000,
  name: "FRAISEQL",
  duplicateWindowMs: 120_000,
  retentionMs: 3_600_000,
  replicas: 1,
};
