/** Statements on leased connections: each under the watch of silence and of its caller, and the connection's fate after it. */
import type { Caller, Statement } from "../../ports/database.ts";
import type { CallerWatch } from "./connection/caller-watch.ts";
import type { Connection, Done, Form, Rows } from "./connection/connection.ts";
import { cancelled, leavesConnectionUsable } from "./connection/error.ts";
import type { Lease, Pool } from "./connection/pool.ts";
import type { SilenceWatch } from "./connection/silence-watch.ts";

export type Run = {
  readonly statement: Statement;
  readonly form: Form;
  readonly caller?: Caller | undefined;
  /** In front of it, in the same transaction. */
  readonly before?: readonly Statement[];
  /** More statements follow on the same connection; whoever began takes care of it. */
  readonly holds?: boolean;
};

export type LeasedRuns = {
  run(lease: Lease<Connection>, run: Run): Promise<Rows>;
};

type Parts = {
  readonly pool: Pool<Connection>;
  readonly callers: CallerWatch;
  readonly watch: SilenceWatch;
  /** @param wasSent - the statement went out before the connection was lost */
  readonly failureOf: (error: unknown, statement: Statement, wasSent: boolean) => unknown;
};

/** Takes up a cancel request that reaches the server too late for the statement it was meant for. */
const ABSORB: Statement = { text: "select 1", values: [] };

/** Runs statements on leased connections, gives these back, and ends on the server what its caller has left. */
export function createLeasedRuns({ pool, callers, watch, failureOf }: Parts): LeasedRuns {
  const run: LeasedRuns["run"] = (lease, { statement, form, caller, before, holds = false }) =>
    new Promise((resolve, reject) => {
      watch.start(lease);
      let afterAbort: ((error: unknown) => void) | undefined;
      const abort = () => {
        callers.end(lease);
        const ended = new Promise<void>((end, fail) => {
          afterAbort = (error) => (error === undefined || leavesConnectionUsable(error) ? end() : fail(error));
        });
        void settle(lease, ended, holds);
        reject(cancelled());
      };
      const done: Done = (rows, error, wasSent = true) => {
        watch.end(lease);
        if (afterAbort) return afterAbort(error);
        callers.end(lease);
        if (!holds) release(lease, rows !== undefined || leavesConnectionUsable(error));
        if (rows) resolve(rows);
        else reject(failureOf(error, statement, wasSent));
      };
      lease.connection.run([{ statement, form, before, done }]);
      callers.start(lease, caller, abort);
    });

  const release = (lease: Lease<Connection>, isUsable: boolean): void => {
    if (isUsable && lease.connection.isIdle) pool.giveBack(lease);
    else pool.drop(lease);
  };

  /** The caller has gone. The connection comes back when no cancel request can hit the next statement on it. */
  const settle = async (lease: Lease<Connection>, ended: Promise<void>, holds: boolean): Promise<void> => {
    try {
      await Promise.all([lease.connection.cancel(), ended]);
      // In the middle of a transaction it is given up, and with it the transaction.
      if (holds) pool.drop(lease);
      else await run(lease, { statement: ABSORB, form: "text" });
    } catch {
      // The caller has its error already; a connection in doubt is replaced.
      pool.drop(lease);
    }
  };
  return { run };
}
