/** The `Database` port over PostgreSQL. */
import { FraiseqlError } from "../../core/errors.ts";
import { DEFAULT_LIMITS } from "../../core/limits.ts";
import type { Database, Statement } from "../../ports/database.ts";
import type { Value } from "./connection.ts";
import { asFraiseqlError, leavesConnectionUsable } from "./connection-error.ts";
import { createPool, type Lease, type Pool } from "./connection-pool.ts";

export type DatabaseOptions = {
  /** `postgres://user:password@host:port/database?sslmode=…` */
  readonly url: string;
  readonly connectionsMax?: number;
  /** PostgreSQL ends a statement after this; a connection that stays silent two seconds longer is given up. */
  readonly statementTimeoutMs?: number;
  readonly connectTimeoutMs?: number;
  readonly waitersMax?: number;
  readonly waitMs?: number;
  readonly applicationName?: string;
};

type Rows = ArrayLike<ArrayLike<Value>>;

/** How much longer than the statement timeout we wait for the server's own answer. */
const SILENCE_MS = 2_000;
/** A statement of no effect that takes up a cancel request which came too late for the one it was meant for. */
const ABSORB: Statement = { text: "select 1", values: [] };

/**
 * Opens nothing yet: connections are made on demand, up to `connectionsMax`.
 *
 * @throws FraiseqlError from `text` and `rows`, with the codes of `sqlstate.ts`
 */
export function openDatabase(options: DatabaseOptions): Database {
  const statementTimeoutMs = options.statementTimeoutMs ?? DEFAULT_LIMITS.statementTimeoutMs;
  const pool = createPool({
    url: options.url,
    connectionsMax: options.connectionsMax ?? 10,
    statementTimeoutMs,
    connectTimeoutMs: options.connectTimeoutMs ?? 5_000,
    applicationName: options.applicationName ?? "fraiseql",
    waitersMax: options.waitersMax ?? 1_000,
    waitMs: options.waitMs ?? 10_000,
  });
  const watch = createWatch(pool, statementTimeoutMs + SILENCE_MS);

  const run = (statement: Statement, form: "bytes" | "text", signal: AbortSignal | undefined): Promise<Rows> => {
    if (signal?.aborted) return Promise.reject(cancelled());
    const lease = pool.take();
    if (lease) return runOn(lease, statement, form, signal);
    return pool.wait(signal).then((free) => runOn(free, statement, form, signal));
  };

  const runOn = (
    lease: Lease,
    statement: Statement,
    form: "bytes" | "text",
    signal: AbortSignal | undefined,
  ): Promise<Rows> =>
    new Promise((resolve, reject) => {
      let abandoned = false;
      const abandon = () => {
        abandoned = true;
        reject(cancelled());
        void stop(lease);
      };
      signal?.addEventListener("abort", abandon, { once: true });
      lease.prepared.add(statement.text);
      watch.start(lease, reject);
      lease.connection.run(statement, form).then(
        (rows) => {
          watch.end(lease);
          if (abandoned) return;
          signal?.removeEventListener("abort", abandon);
          pool.giveBack(lease);
          resolve(rows);
        },
        (error) => {
          watch.end(lease);
          if (abandoned) return;
          signal?.removeEventListener("abort", abandon);
          if (leavesConnectionUsable(error)) pool.giveBack(lease);
          else pool.drop(lease);
          reject(asFraiseqlError(error));
        },
      );
    });

  /** The caller has gone; the connection comes back only when no cancel request can hit the next statement on it. */
  const stop = async (lease: Lease): Promise<void> => {
    try {
      await lease.connection.cancel();
      await lease.connection.run(ABSORB, "text").catch((error) => {
        if (!leavesConnectionUsable(error)) throw error;
      });
      pool.giveBack(lease);
    } catch {
      pool.drop(lease);
    }
  };

  return {
    text: (statement, { signal } = {}) => run(statement, "bytes", signal).then(onlyValue),
    rows: (statement, { signal } = {}) =>
      run(statement, "text", signal) as unknown as Promise<readonly (readonly (string | null)[])[]>,
    close: async () => {
      watch.close();
      pool.close();
    },
  };
}

function onlyValue(rows: Rows): string | Uint8Array {
  const value = rows[0]?.[0];
  if (value === undefined || value === null) {
    throw new FraiseqlError("INTERNAL_ERROR", "The statement gave no result.");
  }
  return value;
}

function cancelled(): FraiseqlError {
  return new FraiseqlError("REQUEST_CANCELLED", "The client went away.");
}

type Watch = {
  start(lease: Lease, refuse: (error: FraiseqlError) => void): void;
  end(lease: Lease): void;
  close(): void;
};

/** Ends statements on connections that fell silent (a cut cable, a frozen host): one timer for all of them. */
function createWatch(pool: Pool, silenceMs: number): Watch {
  const running = new Map<Lease, { since: number; refuse: (error: FraiseqlError) => void }>();
  let timer: ReturnType<typeof setInterval> | undefined;
  const sweep = () => {
    const oldest = performance.now() - silenceMs;
    for (const [lease, { since, refuse }] of running) {
      if (since > oldest) break;
      running.delete(lease);
      refuse(new FraiseqlError("DATABASE_UNAVAILABLE", "The database does not answer; try again shortly."));
      pool.drop(lease);
    }
    if (running.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
  return {
    start(lease, refuse) {
      running.set(lease, { since: performance.now(), refuse });
      timer ??= setInterval(sweep, Math.min(500, silenceMs / 4));
    },
    end: (lease) => running.delete(lease),
    close: () => clearInterval(timer),
  };
}
