/** The `Database` port over PostgreSQL. */
import { DEFAULT_LIMITS } from "../../core/limits.ts";
import type { Caller, Database, Statement } from "../../ports/database.ts";
import { createCallerWatch } from "./connection/caller-watch.ts";
import { type AnswerSettings, Connection, type Form, type Rows } from "./connection/connection.ts";
import { asFraiseqlError } from "./connection/error.ts";
import { createPool, type Lease } from "./connection/pool.ts";
import { type ConnectionOptions, connectionSettings } from "./connection/settings.ts";
import { createSilenceWatch } from "./connection/silence-watch.ts";
import { createLeasedRuns } from "./leased-runs.ts";
import { createMergeableReads } from "./mergeable-reads.ts";
import { answerAt } from "./merged-reads.ts";

export type DatabaseOptions = ConnectionOptions & {
  /** PostgreSQL ends a statement after this; a connection that stays silent two seconds longer is given up. */
  readonly statementTimeoutMs?: number;
  /** The longest answer, in bytes. */
  readonly responseBytesMax?: number;
  /**
   * Point reads that are not known to be quick are merged when so many callers wait for a connection; twice the connections
   * when left out. With fewer, a group would gain little, and one slow statement would hold up all of it.
   */
  readonly mergeFrom?: number;
  /** Milliseconds from any beginning: the clock by which statements are quick or slow. */
  readonly now?: () => number;
};

/**
 * Opens nothing yet: connections are made on demand, up to `connectionsMax`.
 *
 * @throws FraiseqlError CONFIG_INVALID for a URL that is none; `text` and `rows` reject with the codes of `connection/sqlstate.ts`
 */
export function openDatabase(options: DatabaseOptions): Database {
  const statementTimeoutMs = options.statementTimeoutMs ?? DEFAULT_LIMITS.statementTimeoutMs;
  const settings: AnswerSettings = {
    ...connectionSettings(options, statementTimeoutMs),
    messageBytesMax: options.responseBytesMax ?? DEFAULT_LIMITS.responseBytesMax,
  };
  const { connectionsMax = 10, waitersMax = 1_000, waitMs = 10_000, mergeFrom = connectionsMax * 2 } = options;
  const { now = () => performance.now() } = options;
  const callers = createCallerWatch();
  const pool = createPool(
    { connectionsMax, waitersMax, waitMs, callers },
    (onClosed) => new Connection(settings, onClosed),
  );
  const watch = createSilenceWatch(statementTimeoutMs);

  const leased = createLeasedRuns({ pool, callers, watch, failureOf: asFraiseqlError });
  const runOn = (
    lease: Lease<Connection>,
    statement: Statement,
    form: Form,
    caller: Caller | undefined,
  ): Promise<Rows> => leased.run(lease, { statement, form, caller });

  const run = (statement: Statement, form: Form, caller: Caller | undefined): Promise<Rows> => {
    const lease = pool.take();
    if (lease) return runOn(lease, statement, form, caller);
    return pool.wait(caller).then((free) => runOn(free, statement, form, caller));
  };
  const reads = createMergeableReads({
    pool,
    callers,
    runOn: (lease, statement, caller) => runOn(lease, statement, "bytes", caller),
    mergeFrom,
    now,
  });

  return {
    text: (statement, caller) =>
      statement.merged === undefined
        ? run(statement, "bytes", caller).then(onlyValue)
        : reads.read(statement, statement.merged, caller),
    rows: (statement, caller) => run(statement, "text", caller) as Promise<readonly (readonly (string | null)[])[]>,
    close: async () => {
      // Nobody waits for these any more; PostgreSQL would go on until the statement timeout.
      const told = Promise.allSettled(pool.running().map((connection) => connection.cancel()));
      watch.close();
      callers.close();
      pool.close();
      await told;
    },
  };
}

const onlyValue = (rows: Rows): string | Uint8Array => answerAt(rows, 0);
