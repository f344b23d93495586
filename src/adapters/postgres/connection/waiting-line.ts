/** Who waits for something, in order: so many at most, and none for ever. */
import { FraiseqlError } from "../../../core/errors.ts";
import type { Caller } from "../../../ports/database.ts";
import type { Awaited, CallerWatch } from "./caller-watch.ts";
import { cancelled, stopping } from "./error.ts";

export type WaitingLineSettings = {
  /** Callers that may wait. */
  readonly waitersMax: number;
  /** How long one waits before `DATABASE_UNAVAILABLE`. */
  readonly waitMs: number;
  readonly callers: CallerWatch;
};

export type Waiting<T> = {
  readonly take: (value: T) => void;
  /** Also called at once, where too many wait or the line is closed. */
  readonly refuse: (error: FraiseqlError) => void;
};

export type WaitingLine<T> = {
  add(waiting: Waiting<T>, caller?: Caller): void;
  /** Takes the first out of the line. */
  next(): Waiting<T>["take"] | undefined;
  length(): number;
  refuseAll(error: FraiseqlError): void;
  close(): void;
};

type Waiter<T> = Awaited & Waiting<T> & { readonly since: number };

const SWEEP_MS = 250;

export function createWaitingLine<T>({ waitersMax, waitMs, callers }: WaitingLineSettings): WaitingLine<T> {
  let waiters: Waiter<T>[] = [];
  let sweeper: ReturnType<typeof setInterval> | undefined;
  let closed = false;

  const refuse = (waiter: Waiter<T>, error: FraiseqlError): void => {
    callers.end(waiter);
    waiter.refuse(error);
  };

  const sweep = (): void => {
    const oldest = performance.now() - waitMs;
    for (let [first] = waiters; first && first.since <= oldest; [first] = waiters) {
      waiters.shift();
      refuse(first, busy());
    }
    if (waiters.length > 0) return;
    clearInterval(sweeper);
    sweeper = undefined;
  };

  const refuseAll = (error: FraiseqlError): void => {
    for (const waiter of waiters.splice(0)) refuse(waiter, error);
  };

  return {
    add({ take, refuse: refused }, caller) {
      if (closed) return refused(stopping());
      if (waiters.length >= waitersMax) return refused(busy());
      sweeper ??= setInterval(sweep, SWEEP_MS);
      const waiter: Waiter<T> = { watched: undefined, take, refuse: refused, since: performance.now() };
      waiters.push(waiter);
      callers.start(waiter, caller, () => {
        waiters = waiters.filter((each) => each !== waiter);
        refuse(waiter, cancelled());
      });
    },
    next() {
      const waiter = waiters.shift();
      if (waiter) callers.end(waiter);
      return waiter?.take;
    },
    length: () => waiters.length,
    refuseAll,
    close() {
      closed = true;
      clearInterval(sweeper);
      refuseAll(stopping());
    },
  };
}

function busy(): FraiseqlError {
  return new FraiseqlError("DATABASE_UNAVAILABLE", "All database connections are busy; try again shortly.");
}
