import type { Caller } from "../../../ports/database.ts";

/** What a caller waits for. It carries its place among all that is waited for: a map would cost each statement more. */
export type Awaited = { watched: Watched | undefined };

export type CallerWatch = {
  /** `leave` is called once, when the caller has gone. */
  start(work: Awaited, caller: Caller | undefined, leave: () => void): void;
  end(work: Awaited): void;
  close(): void;
};

type Watched = {
  readonly work: Awaited;
  readonly caller: Caller;
  readonly leave: () => void;
  readonly begun: number;
  signal: AbortSignal | undefined;
  before: Watched | undefined;
  after: Watched | undefined;
};

const TICK_MS = 25;

/**
 * Watches for callers that go away while they wait. The signal of a request is made when it is first read and costs a
 * server more than the rest of a point read, so it is not read before the work has taken a whole tick; one that was
 * aborted by then still says so.
 */
export function createCallerWatch(): CallerWatch {
  /** The ends of a list in the order they began. */
  let first: Watched | undefined;
  let last: Watched | undefined;
  let tick = 0;
  let timer: ReturnType<typeof setInterval> | undefined;
  const sweep = (): void => {
    tick += 1;
    const late: Watched[] = [];
    for (let each = first; each && tick - each.begun >= 2; each = each.after) if (!each.signal) late.push(each);
    // Who leaves may take others along.
    for (const each of late) if (each.work.watched === each) listen(each);
    if (first) return;
    clearInterval(timer);
    timer = undefined;
  };
  return {
    start(work, caller, leave) {
      if (!caller) return;
      const watched: Watched = { work, caller, leave, begun: tick, signal: undefined, before: last, after: undefined };
      if (last) last.after = watched;
      else first = watched;
      last = watched;
      work.watched = watched;
      timer ??= setInterval(sweep, TICK_MS);
    },
    end(work) {
      const { watched } = work;
      if (!watched) return;
      work.watched = undefined;
      const { before, after } = watched;
      if (before) before.after = after;
      else first = after;
      if (after) after.before = before;
      else last = before;
      watched.signal?.removeEventListener("abort", watched.leave);
    },
    close: () => clearInterval(timer),
  };
}

function listen(watched: Watched): void {
  const { signal } = watched.caller;
  if (!signal) return;
  watched.signal = signal;
  if (signal.aborted) watched.leave();
  else signal.addEventListener("abort", watched.leave, { once: true });
}
