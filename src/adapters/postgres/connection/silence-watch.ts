import type { Lease, Pooled } from "./pool.ts";

export type SilenceWatch = {
  start(lease: Lease<Pooled>): void;
  end(lease: Lease<Pooled>): void;
  close(): void;
};

const STEPS = 20;
/** How much longer than the statement timeout we wait for the server's own answer. */
const GRACE_MS = 2_000;

/**
 * Gives up connections on which a statement has had no answer for too long: a cut cable, a frozen host. One timer for all
 * of them, and no clock is read for a statement: its lease remembers the tick it began in.
 */
export function createSilenceWatch(statementTimeoutMs: number): SilenceWatch {
  /** All on which a statement has run; who is gone leaves at the next tick. */
  const known = new Set<Lease<Pooled>>();
  let tick = 0;
  let timer: ReturnType<typeof setInterval> | undefined;
  const sweep = () => {
    tick += 1;
    let isRunning = false;
    for (const lease of known) {
      if (lease.gone) known.delete(lease);
      if (lease.gone || lease.begun === undefined) continue;
      isRunning = true;
      if (tick - lease.begun <= STEPS) continue;
      lease.begun = undefined;
      lease.connection.destroy(new Error("the server does not answer"));
    }
    if (isRunning) return;
    clearInterval(timer);
    timer = undefined;
  };
  return {
    start(lease) {
      lease.begun = tick;
      known.add(lease);
      timer ??= setInterval(sweep, (statementTimeoutMs + GRACE_MS) / STEPS);
    },
    end(lease) {
      lease.begun = undefined;
    },
    close: () => clearInterval(timer),
  };
}
