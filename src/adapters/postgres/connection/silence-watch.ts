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
 * of them, and no clock is read for a statement: it remembers the tick it began in.
 */
export function createSilenceWatch(statementTimeoutMs: number): SilenceWatch {
  const running = new Map<Lease<Pooled>, number>();
  let tick = 0;
  let timer: ReturnType<typeof setInterval> | undefined;
  const sweep = () => {
    tick += 1;
    for (const [lease, begun] of running) {
      // In the order they began.
      if (tick - begun <= STEPS) break;
      running.delete(lease);
      lease.connection.destroy(new Error("the server does not answer"));
    }
    if (running.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
  return {
    start(lease) {
      running.set(lease, tick);
      timer ??= setInterval(sweep, (statementTimeoutMs + GRACE_MS) / STEPS);
    },
    end: (lease) => void running.delete(lease),
    close: () => clearInterval(timer),
  };
}
