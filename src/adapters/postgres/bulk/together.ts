/** Results on several connections that see the database at one moment. */
import type { BulkResult, TogetherOptions } from "../../../ports/bulk-reader.ts";
import type { Statement } from "../../../ports/database.ts";
import { asFraiseqlError, cancelled } from "../connection/error.ts";
import type { Lease } from "../connection/pool.ts";
import type { BulkConnection } from "./bulk-connection.ts";
import { giveUpLease, type Run, type RunnerParts } from "./bulk-result.ts";
import { joinSnapshot, type SharedSnapshot, shareSnapshot } from "./shared-snapshot.ts";

/** Does what comes before a statement on a connection, which is given up where that fails or the caller leaves. */
export type Prepare = <T>(
  lease: Lease<BulkConnection>,
  signal: AbortSignal | undefined,
  work: (connection: BulkConnection) => Promise<T>,
) => Promise<T>;

export function createPrepare({ pool, watch }: Pick<RunnerParts, "pool" | "watch">): Prepare {
  return async (lease, signal, work) => {
    const onAbort = (): void => void giveUpLease(pool, lease, cancelled());
    signal?.addEventListener("abort", onAbort, { once: true });
    watch.start(lease);
    try {
      return await work(lease.connection);
    } catch (error) {
      void giveUpLease(pool, lease, error);
      throw asFraiseqlError(error, NOTHING);
    } finally {
      signal?.removeEventListener("abort", onAbort);
      watch.end(lease);
    }
  };
}

const NOTHING: Statement = { text: "", values: [] };

/** Those that see what the first does; the others were given up. */
export async function joined(
  prepare: Prepare,
  leases: readonly Lease<BulkConnection>[],
  shared: SharedSnapshot,
  signal: AbortSignal | undefined,
): Promise<readonly Lease<BulkConnection>[]> {
  const outcomes = await Promise.allSettled(
    leases.map((lease) => prepare(lease, signal, (connection) => joinSnapshot(connection, shared))),
  );
  return leases.filter((_, index) => outcomes[index]?.status === "fulfilled");
}

/** Runs a statement on the first connection and on each that can join it: all begin, or none does. */
export async function openTogether(
  { prepare, run }: { readonly prepare: Prepare; readonly run: Run },
  [first, ...others]: readonly [Lease<BulkConnection>, ...Lease<BulkConnection>[]],
  statementsFor: (count: number) => readonly Statement[],
  options: TogetherOptions,
): Promise<readonly BulkResult[]> {
  const { relations, signal } = options;
  const shared = await prepare(first, signal, (connection) => shareSnapshot(connection, relations));
  const leases = [first, ...(await joined(prepare, others, shared, signal))];
  const statements = statementsFor(leases.length);
  return allOrNone(
    leases.map((lease, index) => run(lease, statements[index] as Statement, options, { transaction: "ends" })),
  );
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
