/** The `Database` port over PostgreSQL. */
import { FraiseqlError } from "../../core/errors.ts";
import { DEFAULT_LIMITS } from "../../core/limits.ts";
import type { Caller, Database, Statement } from "../../ports/database.ts";
import { createCallerWatch } from "./caller-watch.ts";
import { Connection, type Form, type Rows } from "./connection.ts";
import { asFraiseqlError, leavesConnectionUsable } from "./connection-error.ts";
import { createPool, type Lease } from "./connection-pool.ts";
import { sessionSettings } from "./connection-session.ts";
import { parseConnectionUrl } from "./connection-url.ts";
import { createMergedReads } from "./merged-reads.ts";
import { createSilenceWatch } from "./silence-watch.ts";

export type DatabaseOptions = {
  /** `postgres://user:password@host:port/database?sslmode=…` */
  readonly url: string;
  readonly connectionsMax?: number;
  /** PostgreSQL ends a statement after this; a connection that stays silent two seconds longer is given up. */
  readonly statementTimeoutMs?: number;
  readonly connectTimeoutMs?: number;
  /** Callers that may wait for a free connection; the next is refused. */
  readonly waitersMax?: number;
  readonly waitMs?: number;
  readonly applicationName?: string;
  /** The longest answer, in bytes. */
  readonly responseBytesMax?: number;
  /** Certificates in PEM to trust instead of those of the system, for `sslmode=verify-full` and `verify-ca`. */
  readonly rootCertificate?: string | undefined;
};

/** How much longer than the statement timeout we wait for the server's own answer. */
const SILENCE_MS = 2_000;
/** Takes up a cancel request that reaches the server too late for the statement it was meant for. */
const ABSORB: Statement = { text: "select 1", values: [] };

/**
 * Opens nothing yet: connections are made on demand, up to `connectionsMax`.
 *
 * @throws FraiseqlError CONFIG_INVALID for a URL that is none; `text` and `rows` reject with the codes of `sqlstate.ts`
 */
export function openDatabase(options: DatabaseOptions): Database {
  const statementTimeoutMs = options.statementTimeoutMs ?? DEFAULT_LIMITS.statementTimeoutMs;
  const settings: ConstructorParameters<typeof Connection>[0] = {
    target: parseConnectionUrl(options.url, options.rootCertificate),
    connectTimeoutMs: options.connectTimeoutMs ?? 5_000,
    messageBytesMax: options.responseBytesMax ?? DEFAULT_LIMITS.responseBytesMax,
    session: sessionSettings(options.applicationName ?? "fraiseql", statementTimeoutMs),
  };
  const { connectionsMax = 10, waitersMax = 1_000, waitMs = 10_000 } = options;
  const callers = createCallerWatch();
  const pool = createPool(
    { connectionsMax, waitersMax, waitMs, callers },
    (onClosed) => new Connection(settings, onClosed),
  );
  const watch = createSilenceWatch(statementTimeoutMs + SILENCE_MS);

  const runOn = (
    lease: Lease<Connection>,
    statement: Statement,
    form: Form,
    caller: Caller | undefined,
  ): Promise<Rows> =>
    new Promise((resolve, reject) => {
      watch.start(lease);
      let afterAbort: ((error: unknown) => void) | undefined;
      const abort = () => {
        callers.end(lease);
        const ended = new Promise<void>((end, fail) => {
          afterAbort = (error) => (error === undefined || leavesConnectionUsable(error) ? end() : fail(error));
        });
        void settle(lease, ended);
        reject(cancelled());
      };
      lease.connection.run(statement, form, (rows, error) => {
        watch.end(lease);
        if (afterAbort) return afterAbort(error);
        callers.end(lease);
        if (rows) {
          pool.giveBack(lease);
          return resolve(rows);
        }
        if (leavesConnectionUsable(error)) pool.giveBack(lease);
        else pool.drop(lease);
        reject(asFraiseqlError(error));
      });
      callers.start(lease, caller, abort);
    });

  /** The caller has gone. The connection comes back when no cancel request can hit the next statement on it. */
  const settle = async (lease: Lease<Connection>, ended: Promise<void>): Promise<void> => {
    try {
      await Promise.all([lease.connection.cancel(), ended]);
      await runOn(lease, ABSORB, "text", undefined);
    } catch {
      // The caller has its error already; a connection in doubt is replaced.
      pool.drop(lease);
    }
  };

  const run = (statement: Statement, form: Form, caller: Caller | undefined): Promise<Rows> => {
    const lease = pool.take();
    if (lease) return runOn(lease, statement, form, caller);
    return pool.wait(caller).then((free) => runOn(free, statement, form, caller));
  };
  const merge = createMergedReads((statement) => {
    const free = pool.take();
    if (free) return runOn(free, statement(), "bytes", undefined);
    return pool.wait().then((lease) => runOn(lease, statement(), "bytes", undefined));
  });

  return {
    text: (statement, caller) => {
      const free = pool.take();
      if (free) return runOn(free, statement, "bytes", caller).then(onlyValue);
      if (statement.merged !== undefined) return merge(statement, statement.merged);
      return run(statement, "bytes", caller).then(onlyValue);
    },
    rows: (statement, caller) => run(statement, "text", caller) as Promise<readonly (readonly (string | null)[])[]>,
    close: async () => {
      watch.close();
      callers.close();
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
