import type { Caller } from "../../../ports/database.ts";

export type CallerWatch = {
  /** `leave` is called once, when the caller has gone; `work` is what the caller waits for. */
  start(work: object, caller: Caller | undefined, leave: () => void): void;
  end(work: object): void;
  close(): void;
};

type Watched = { readonly caller: Caller; readonly leave: () => void; readonly begun: number; signal?: AbortSignal };

const TICK_MS = 25;

/**
 * Watches for callers that go away while they wait. The signal of a request is made when it is first read and costs a
 * server more than the rest of a point read, so it is not read before the work has taken a whole tick; one that was
 * aborted by then still says so.
 */
export function createCallerWatch(): CallerWatch {
  const waiting = new Map<object, Watched>();
  let tick = 0;
  let timer: ReturnType<typeof setInterval> | undefined;
  const sweep = (): void => {
    tick += 1;
    for (const watched of waiting.values()) {
      // In the order they began.
      if (tick - watched.begun < 2) break;
      if (watched.signal) continue;
      const { signal } = watched.caller;
      if (!signal) continue;
      watched.signal = signal;
      if (signal.aborted) watched.leave();
      else signal.addEventListener("abort", watched.leave, { once: true });
    }
    if (waiting.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
  return {
    start(work, caller, leave) {
      if (!caller) return;
      waiting.set(work, { caller, leave, begun: tick });
      timer ??= setInterval(sweep, TICK_MS);
    },
    end(work) {
      const watched = waiting.get(work);
      if (!watched) return;
      waiting.delete(work);
      watched.signal?.removeEventListener("abort", watched.leave);
    },
    close: () => clearInterval(timer),
  };
}
