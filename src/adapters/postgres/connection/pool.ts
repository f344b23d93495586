/** A bounded set of connections with a bounded queue before it. Who waits too long is told so; nobody waits for ever. */
import { FraiseqlError } from "../../../core/errors.ts";
import type { Caller } from "../../../ports/database.ts";
import type { Awaited, CallerWatch } from "./caller-watch.ts";
import { cancelled, stopping } from "./error.ts";

export type PoolSettings = {
  readonly connectionsMax: number;
  /** Callers that may wait for a connection. */
  readonly waitersMax: number;
  /** How long one waits before `DATABASE_UNAVAILABLE`. */
  readonly waitMs: number;
  readonly callers: CallerWatch;
};

export type Pooled = { destroy(error: unknown): void };

/** A connection in the pool, with what the pool has to know of it. */
export type Lease<C extends Pooled> = Awaited & {
  readonly connection: C;
  gone: boolean;
  /** Of the silence watch: the tick in which the statement that runs was begun; undefined where none runs. */
  begun: number | undefined;
};

type Waiter<C extends Pooled> = Awaited & {
  readonly take: (lease: Lease<C>) => void;
  readonly refuse: (error: FraiseqlError) => void;
  readonly since: number;
};

export type Pool<C extends Pooled> = {
  /** A free connection at once, or undefined: then `wait`. @param spare - so many have to stay free; none if absent */
  take(spare?: number): Lease<C> | undefined;
  /** Whether `take` would give one. */
  hasFree(): boolean;
  /** How many wait for a connection. */
  waiting(): number;
  /** Connections on which a statement runs. */
  running(): readonly C[];
  wait(caller?: Caller): Promise<Lease<C>>;
  giveBack(lease: Lease<C>): void;
  drop(lease: Lease<C>): void;
  close(): void;
};

const SWEEP_MS = 250;

/** @param connect - begins to open a connection, which calls `onClosed` once when it is gone */
export function createPool<C extends Pooled>(settings: PoolSettings, connect: (onClosed: () => void) => C): Pool<C> {
  const idle: Lease<C>[] = [];
  const leases = new Set<Lease<C>>();
  let waiters: Waiter<C>[] = [];
  let sweeper: ReturnType<typeof setInterval> | undefined;
  let closed = false;

  const open = (): Lease<C> => {
    const lease: Lease<C> = {
      gone: false,
      begun: undefined,
      watched: undefined,
      connection: connect(() => forget(lease)),
    };
    leases.add(lease);
    return lease;
  };

  const forget = (lease: Lease<C>): void => {
    lease.gone = true;
    if (!leases.delete(lease)) return;
    const at = idle.indexOf(lease);
    if (at >= 0) idle.splice(at, 1);
    // A place became free: someone in the queue may open a new connection.
    const waiter = closed ? undefined : waiters.shift();
    if (waiter) waiter.take(open());
  };

  const drop = (lease: Lease<C>): void => {
    lease.connection.destroy(new Error("the connection was given up"));
    forget(lease);
  };

  const sweep = (): void => {
    const oldest = performance.now() - settings.waitMs;
    while (waiters[0] && waiters[0].since <= oldest) waiters.shift()?.refuse(busy());
    if (waiters.length > 0) return;
    clearInterval(sweeper);
    sweeper = undefined;
  };

  const free = (): number => idle.length + (closed ? 0 : settings.connectionsMax - leases.size);

  return {
    hasFree: () => free() > 0,
    waiting: () => waiters.length,
    running: () => [...leases].filter(({ begun }) => begun !== undefined).map(({ connection }) => connection),
    take(spare = 0) {
      if (spare > 0 && free() <= spare) return undefined;
      return idle.pop() ?? (leases.size < settings.connectionsMax && !closed ? open() : undefined);
    },
    wait(caller) {
      if (closed) return Promise.reject(stopping());
      if (waiters.length >= settings.waitersMax) return Promise.reject(busy());
      sweeper ??= setInterval(sweep, SWEEP_MS);
      return new Promise((take, refuse) => {
        const waiter: Waiter<C> = {
          watched: undefined,
          take: (lease) => {
            settings.callers.end(waiter);
            take(lease);
          },
          refuse: (error) => {
            settings.callers.end(waiter);
            refuse(error);
          },
          since: performance.now(),
        };
        waiters.push(waiter);
        settings.callers.start(waiter, caller, () => {
          waiters = waiters.filter((each) => each !== waiter);
          waiter.refuse(cancelled());
        });
      });
    },
    giveBack(lease) {
      if (lease.gone) return;
      if (closed) return drop(lease);
      const waiter = waiters.shift();
      if (waiter) waiter.take(lease);
      else idle.push(lease);
    },
    drop,
    close() {
      closed = true;
      clearInterval(sweeper);
      for (const waiter of waiters.splice(0)) waiter.refuse(stopping());
      for (const lease of [...leases]) drop(lease);
    },
  };
}

function busy(): FraiseqlError {
  return new FraiseqlError("DATABASE_UNAVAILABLE", "All database connections are busy; try again shortly.");
}
