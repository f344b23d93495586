/** The connections that bulk results come over, and single results on them: all that a long list needs. */
import type { BulkReader } from "../../../ports/bulk-reader.ts";
import type { Caller } from "../../../ports/database.ts";
import { createCallerWatch } from "../connection/caller-watch.ts";
import { cancelled, stopping } from "../connection/error.ts";
import { createPool, type Lease } from "../connection/pool.ts";
import { type ConnectionOptions, connectionSettings } from "../connection/settings.ts";
import { createSilenceWatch } from "../connection/silence-watch.ts";
import { BulkConnection } from "./bulk-connection.ts";
import { createRunner, type Run, type RunnerParts } from "./bulk-result.ts";
import { openBunWire } from "./bun-wire.ts";
import { openNodeWire } from "./node-wire.ts";
import { restingWire } from "./resting-wire.ts";
import type { OpenWire } from "./wire.ts";

export type BulkPoolOptions = ConnectionOptions & {
  /** PostgreSQL ends a statement after this, the time in which nobody read it included. */
  readonly statementTimeoutMs?: number;
  readonly openWire?: OpenWire;
};

export type BulkPool = Pick<BulkReader, "open" | "close"> & {
  readonly parts: RunnerParts;
  readonly run: Run;
  /** A free connection, or the next one that becomes free. */
  readonly lease: (caller: Caller | undefined) => Promise<Lease<BulkConnection>>;
  readonly statementTimeoutMs: number;
};

const STATEMENT_TIMEOUT_MS = 300_000;
const OPEN_WIRE: OpenWire = "Bun" in globalThis ? openBunWire : openNodeWire;

/**
 * Opens nothing yet: connections are made on demand, up to `connectionsMax`, and used for nothing but bulk results.
 *
 * @throws FraiseqlError CONFIG_INVALID for a URL that is none; `open` and `read` reject with the codes of `connection/sqlstate.ts`
 */
export function openBulkPool(options: BulkPoolOptions): BulkPool {
  const { openWire = OPEN_WIRE, statementTimeoutMs = STATEMENT_TIMEOUT_MS } = options;
  const settings = connectionSettings(options, statementTimeoutMs);
  const { connectionsMax = 4, waitersMax = 100, waitMs = 10_000 } = options;
  const callers = createCallerWatch();
  const pool = createPool(
    { connectionsMax, waitersMax, waitMs, callers },
    (onClosed) => new BulkConnection(settings, restingWire(openWire), onClosed),
  );
  const watch = createSilenceWatch(statementTimeoutMs);
  const open: RunnerParts["open"] = new Set();
  const parts = { pool, watch, callers, open };
  const run = createRunner(parts);

  const lease = async (caller: Caller | undefined): Promise<Lease<BulkConnection>> => {
    if (caller?.signal?.aborted) throw cancelled();
    return pool.take() ?? (await pool.wait(caller));
  };

  return {
    parts,
    run,
    lease,
    statementTimeoutMs,
    open: async (statement, caller) => run(await lease(caller), statement, caller),
    async close() {
      await Promise.all([...open].map((giveUp) => giveUp(stopping())));
      watch.close();
      callers.close();
      pool.close();
    },
  };
}
