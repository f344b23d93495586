/** The `BulkReader` port over PostgreSQL. */
import type { BulkReader, BulkResult } from "../../../ports/bulk-reader.ts";
import type { Statement } from "../../../ports/database.ts";
import { createCallerWatch } from "../connection/caller-watch.ts";
import { asFraiseqlError, cancelled } from "../connection/error.ts";
import { createPool, type Lease } from "../connection/pool.ts";
import { type ConnectionOptions, connectionSettings } from "../connection/settings.ts";
import { createSilenceWatch } from "../connection/silence-watch.ts";
import { BulkConnection } from "./bulk-connection.ts";
import { createRunner } from "./bulk-result.ts";
import { openBunWire } from "./bun-wire.ts";
import { openNodeWire } from "./node-wire.ts";
import { restingWire } from "./resting-wire.ts";
import { shareSnapshot } from "./shared-snapshot.ts";
import type { OpenWire } from "./wire.ts";

export type BulkReaderOptions = ConnectionOptions & {
  /** PostgreSQL ends a statement after this, the time in which nobody read it included. */
  readonly statementTimeoutMs?: number;
  readonly openWire?: OpenWire;
};

const STATEMENT_TIMEOUT_MS = 300_000;
const OPEN_WIRE: OpenWire = "Bun" in globalThis ? openBunWire : openNodeWire;

/**
 * Opens nothing yet: connections are made on demand, up to `connectionsMax`, and used for nothing but bulk results.
 *
 * @throws FraiseqlError CONFIG_INVALID for a URL that is none; `open` and `read` reject with the codes of `connection/sqlstate.ts`
 */
export function openBulkReader(options: BulkReaderOptions): BulkReader {
  const { openWire = OPEN_WIRE, statementTimeoutMs = STATEMENT_TIMEOUT_MS } = options;
  const settings = connectionSettings(options, statementTimeoutMs);
  const { connectionsMax = 4, waitersMax = 100, waitMs = 10_000 } = options;
  const callers = createCallerWatch();
  const pool = createPool(
    { connectionsMax, waitersMax, waitMs, callers },
    (onClosed) => new BulkConnection(settings, restingWire(openWire), onClosed),
  );
  const watch = createSilenceWatch(statementTimeoutMs);
  const open = new Set<() => Promise<void>>();

  const run = createRunner({ pool, watch, open });

  const leaseFor = async (signal: AbortSignal | undefined): Promise<Lease<BulkConnection>> => {
    if (signal?.aborted) throw cancelled();
    return pool.take() ?? (await pool.wait(signal ? { signal } : undefined));
  };

  return {
    open: async (statement, { signal } = {}) => run(await leaseFor(signal), statement, signal),
    async openTogether(count, statementsFor, { signal } = {}) {
      const leases = [await leaseFor(signal)];
      while (leases.length < count) {
        const free = pool.take();
        if (!free) break;
        leases.push(free);
      }
      const statements = statementsFor(leases.length);
      for (const lease of leases) watch.start(lease);
      try {
        await shareSnapshot(leases.map(({ connection }) => connection));
      } catch (error) {
        for (const lease of leases) pool.drop(lease);
        throw asFraiseqlError(error, statements[0] as Statement);
      } finally {
        for (const lease of leases) watch.end(lease);
      }
      return allOrNone(
        leases.map((lease, index) => run(lease, statements[index] as Statement, signal, { isInTransaction: true })),
      );
    },
    async close() {
      await Promise.all([...open].map((close) => close()));
      watch.close();
      callers.close();
      pool.close();
    },
  };
}

/** Results that all began; where one did not, the others are closed. */
async function allOrNone(begun: readonly Promise<BulkResult>[]): Promise<readonly BulkResult[]> {
  try {
    return await Promise.all(begun);
  } catch (error) {
    for (const each of begun) {
      each.then(
        (result) => result.close(),
        // The first failure is the one that is told.
        () => undefined,
      );
    }
    throw error;
  }
}
