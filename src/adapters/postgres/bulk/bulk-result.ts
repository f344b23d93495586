/** One result on one connection, from its statement to the connection's return to the pool. */
import { FraiseqlError } from "../../../core/errors.ts";
import type { BulkResult } from "../../../ports/bulk-reader.ts";
import type { Caller, Statement } from "../../../ports/database.ts";
import type { CallerWatch } from "../connection/caller-watch.ts";
import { asFraiseqlError, cancelled, leavesConnectionUsable } from "../connection/error.ts";
import type { Lease, Pool } from "../connection/pool.ts";
import type { SilenceWatch } from "../connection/silence-watch.ts";
import type { BulkConnection } from "./bulk-connection.ts";

export type RunnerParts = {
  readonly pool: Pool<BulkConnection>;
  readonly watch: SilenceWatch;
  readonly callers: CallerWatch;
  /** What gives up each result that is being read, which then fails with the error. */
  readonly open: Set<(error: FraiseqlError) => Promise<void>>;
};

/** `transaction`: what becomes, after the last row, of the one that the lease is in; one that goes on keeps the lease. */
export type Run = (
  lease: Lease<BulkConnection>,
  statement: Statement,
  caller: Caller | undefined,
  options?: { readonly transaction: "ends" | "goes on" },
) => Promise<BulkResult>;

export function createRunner({ pool, watch, callers, open }: RunnerParts): Run {
  return async (lease, statement, caller, options) => {
    const isInTransaction = options !== undefined;
    if (caller?.signal?.aborted) {
      if (isInTransaction) pool.drop(lease);
      else pool.giveBack(lease);
      throw cancelled();
    }
    const { connection } = lease;
    let ended: { readonly error: FraiseqlError | undefined } | undefined;

    const end = (error: FraiseqlError | undefined): void => {
      ended ??= { error };
      callers.end(lease);
      open.delete(giveUp);
    };
    const giveUp = async (error: FraiseqlError): Promise<void> => {
      if (ended) return;
      end(error);
      await giveUpLease(pool, lease, error);
    };
    const watched = async <T>(work: Promise<T>): Promise<T> => {
      watch.start(lease);
      try {
        return await work;
      } catch (error) {
        if (ended) throw ended.error;
        const reported = asFraiseqlError(error, statement);
        end(reported);
        if (leavesConnectionUsable(error) && !isInTransaction) pool.giveBack(lease);
        else pool.drop(lease);
        throw reported;
      } finally {
        watch.end(lease);
      }
    };

    callers.start(lease, caller, () => void giveUp(cancelled()));
    open.add(giveUp);
    const columns = await watched(connection.start(statement));
    return {
      columns,
      async read() {
        // The watch hears of it some milliseconds later.
        if (caller?.signal?.aborted) void giveUp(cancelled());
        if (ended) {
          if (ended.error) throw ended.error;
          return undefined;
        }
        const rows = await watched(connection.read());
        if (rows) return rows;
        if (options?.transaction === "ends") await watched(connection.commit());
        end(undefined);
        if (options?.transaction !== "goes on") pool.giveBack(lease);
        return undefined;
      },
      close: () => giveUp(closed()),
    };
  };
}

/** Whoever waits on the connection is rejected with `error`, and the server is told to stop what it runs. */
export async function giveUpLease(
  pool: Pool<BulkConnection>,
  lease: Lease<BulkConnection>,
  error: unknown,
): Promise<void> {
  lease.connection.abandon(error);
  // The connection goes whether or not the server could be told: without it the statement ends at its next row.
  await lease.connection.cancel().catch(() => undefined);
  pool.drop(lease);
}

function closed(): FraiseqlError {
  return new FraiseqlError("REQUEST_CANCELLED", "The result was closed before its end.");
}
