/** A bounded set of connections with a bounded queue before it. Who waits too long is told so; nobody waits for ever. */
import type { Caller } from "../../../ports/database.ts";
import type { Awaited } from "./caller-watch.ts";
import { createWaitingLine, type WaitingLineSettings } from "./waiting-line.ts";

export type PoolSettings = WaitingLineSettings & { readonly connectionsMax: number };

export type Pooled = { destroy(error: unknown): void };

/** A connection in the pool, with what the pool has to know of it. */
export type Lease<C extends Pooled> = Awaited & {
  readonly connection: C;
  gone: boolean;
  /** Of the silence watch: the tick in which the statement that runs was begun; undefined where none runs. */
  begun: number | undefined;
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

/** @param connect - begins to open a connection, which calls `onClosed` once when it is gone */
export function createPool<C extends Pooled>(settings: PoolSettings, connect: (onClosed: () => void) => C): Pool<C> {
  const idle: Lease<C>[] = [];
  const leases = new Set<Lease<C>>();
  const line = createWaitingLine<Lease<C>>(settings);
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
    const take = closed ? undefined : line.next();
    if (take) take(open());
  };

  const drop = (lease: Lease<C>): void => {
    lease.connection.destroy(new Error("the connection was given up"));
    forget(lease);
  };

  const free = (): number => idle.length + (closed ? 0 : settings.connectionsMax - leases.size);

  return {
    hasFree: () => free() > 0,
    waiting: line.length,
    running: () => [...leases].filter(({ begun }) => begun !== undefined).map(({ connection }) => connection),
    take(spare = 0) {
      if (spare > 0 && free() <= spare) return undefined;
      return idle.pop() ?? (leases.size < settings.connectionsMax && !closed ? open() : undefined);
    },
    wait: (caller) => new Promise((take, refuse) => line.add({ take, refuse }, caller)),
    giveBack(lease) {
      if (lease.gone) return;
      if (closed) return drop(lease);
      const take = line.next();
      if (take) take(lease);
      else idle.push(lease);
    },
    drop,
    close() {
      closed = true;
      line.close();
      for (const lease of [...leases]) drop(lease);
    },
  };
}
