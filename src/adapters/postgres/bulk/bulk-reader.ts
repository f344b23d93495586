/** The `BulkReader` port over PostgreSQL. */
import type { BulkReader } from "../../../ports/bulk-reader.ts";
import type { Lease } from "../connection/pool.ts";
import type { BulkConnection } from "./bulk-connection.ts";
import { type BulkPool, type BulkPoolOptions, openBulkPool } from "./bulk-pool.ts";
import { openInOrder } from "./in-order.ts";
import { createPrepare, openTogether } from "./together.ts";

/** Over connections of its own. Opens nothing yet, and throws, like `openBulkPool`. */
export function openBulkReader(options: BulkPoolOptions): BulkReader {
  return bulkReader(openBulkPool(options));
}

/** Over connections that others use too; its `close` closes them. */
export function bulkReader({ parts, run, lease, statementTimeoutMs, open, close }: BulkPool): BulkReader {
  const { pool } = parts;
  const prepare = createPrepare(parts);
  return {
    open,
    async openTogether(statementsFor, options) {
      const leases: [Lease<BulkConnection>, ...Lease<BulkConnection>[]] = [await lease(options)];
      while (leases.length < options.connections) {
        const free = pool.take();
        if (!free) break;
        leases.push(free);
      }
      return openTogether({ prepare, run }, leases, statementsFor, options);
    },
    async openInOrder(statements, options) {
      const inOrder = { pool, open: parts.open, prepare, run, timeoutMs: statementTimeoutMs };
      return openInOrder(inOrder, await lease(options), statements, options);
    },
    close,
  };
}
