/** The `BulkReader` port over PostgreSQL. */
import { FraiseqlError } from "../../../core/errors.ts";
import type { BulkReader, BulkResult } from "../../../ports/bulk-reader.ts";
import type { Statement } from "../../../ports/database.ts";
import { createCallerWatch } from "../caller-watch.ts";
import { asFraiseqlError, cancelled, leavesConnectionUsable } from "../connection-error.ts";
import { createPool, type Lease } from "../connection-pool.ts";
import { type ConnectionOptions, connectionSettings } from "../connection-settings.ts";
import { createSilenceWatch } from "../silence-watch.ts";
import { BulkConnection } from "./bulk-connection.ts";
import { openNodeWire } from "./node-wire.ts";
import type { OpenWire } from "./wire.ts";

export type BulkReaderOptions = ConnectionOptions & {
  /** PostgreSQL ends a statement after this, the time in which nobody read it included. */
  readonly statementTimeoutMs?: number;
  readonly openWire?: OpenWire;
};

const STATEMENT_TIMEOUT_MS = 300_000;

/**
 * Opens nothing yet: connections are made on demand, up to `connectionsMax`, and used for nothing but bulk results.
 *
 * @throws FraiseqlError CONFIG_INVALID for a URL that is none; `open` and `read` reject with the codes of `sqlstate.ts`
 */
export function openBulkReader(options: BulkReaderOptions): BulkReader {
  const { openWire = openNodeWire, statementTimeoutMs = STATEMENT_TIMEOUT_MS } = options;
  const settings = connectionSettings(options, statementTimeoutMs);
  const { connectionsMax = 4, waitersMax = 100, waitMs = 10_000 } = options;
  const callers = createCallerWatch();
  const pool = createPool(
    { connectionsMax, waitersMax, waitMs, callers },
    (onClosed) => new BulkConnection(settings, openWire, onClosed),
  );
  const watch = createSilenceWatch(statementTimeoutMs);
  const open = new Set<() => Promise<void>>();

  const run = async (
    lease: Lease<BulkConnection>,
    statement: Statement,
    signal: AbortSignal | undefined,
  ): Promise<BulkResult> => {
    const { connection } = lease;
    let ended: { readonly error: FraiseqlError | undefined } | undefined;

    const end = (error: FraiseqlError | undefined): void => {
      ended ??= { error };
      signal?.removeEventListener("abort", onAbort);
      open.delete(close);
    };
    const giveUp = async (error: FraiseqlError): Promise<void> => {
      if (ended) return;
      end(error);
      connection.abandon(error);
      // The connection goes whether or not the server could be told: without it the statement ends at its next row.
      await connection.cancel().catch(() => undefined);
      pool.drop(lease);
    };
    const close = () => giveUp(closed());
    const onAbort = () => void giveUp(cancelled());
    const watched = async <T>(work: Promise<T>): Promise<T> => {
      watch.start(lease);
      try {
        return await work;
      } catch (error) {
        if (ended) throw ended.error;
        const reported = asFraiseqlError(error, statement);
        end(reported);
        if (leavesConnectionUsable(error)) pool.giveBack(lease);
        else pool.drop(lease);
        throw reported;
      } finally {
        watch.end(lease);
      }
    };

    signal?.addEventListener("abort", onAbort, { once: true });
    open.add(close);
    const columns = await watched(connection.start(statement));
    return {
      columns,
      async read() {
        if (ended) {
          if (ended.error) throw ended.error;
          return undefined;
        }
        const rows = await watched(connection.read());
        if (rows) return rows;
        end(undefined);
        pool.giveBack(lease);
        return undefined;
      },
      close,
    };
  };

  return {
    async open(statement, { signal } = {}) {
      if (signal?.aborted) throw cancelled();
      const lease = pool.take() ?? (await pool.wait(signal ? { signal } : undefined));
      if (!signal?.aborted) return run(lease, statement, signal);
      pool.giveBack(lease);
      throw cancelled();
    },
    async close() {
      await Promise.all([...open].map((close) => close()));
      watch.close();
      callers.close();
      pool.close();
    },
  };
}

function closed(): FraiseqlError {
  return new FraiseqlError("REQUEST_CANCELLED", "The result was closed before its end.");
}
