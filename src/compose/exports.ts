/**
 * Exports, put together when the first one is asked for: a server without them does without this module and what it imports,
 * which is the second file of the edge bundle.
 */
import type { BulkPool } from "../adapters/postgres/bulk/bulk-pool.ts";
import { bulkReader } from "../adapters/postgres/bulk/bulk-reader.ts";
import { queriedVersion, snapshotVersion } from "../adapters/postgres/data-version.ts";
import { tableSize } from "../adapters/postgres/table-size.ts";
import { digest } from "../adapters/web-crypto/digest.ts";
import { zstdCompression } from "../adapters/zlib/zstd.ts";
import type { Config } from "../config/schema.ts";
import type { OperationRequest, Operations } from "../core/operations.ts";
import type { Artifact } from "../core/schema/artifact.ts";
import { createExportCache } from "../flows/exports/export-cache.ts";
import { exportTable, type TableOptions, type TableOutcome, type TableParts } from "../flows/exports/export-table.ts";
import type { DataVersion } from "../ports/data-version.ts";
import type { Database } from "../ports/database.ts";

export type Exports = {
  readonly table: (request: OperationRequest, options: TableOptions) => Promise<TableOutcome>;
};

export type ExportsInput = {
  readonly config: Config;
  readonly operations: Operations;
  readonly artifact: Artifact;
  /** Asked for versions of the data. */
  readonly database: Database;
  /** What the rows come over. */
  readonly bulk: BulkPool;
};

/** Tables, with the cache and the versions that are configured. */
export function openExports({ config, operations, artifact, database, bulk }: ExportsInput): Exports {
  const { cacheBytesMax, cacheTtlMs } = config.exports;
  const now = () => performance.now();
  const parts: TableParts = {
    operations,
    bulk: bulkReader(bulk),
    rowsMax: config.limits.exportRowsMax,
    fingerprint: artifact.contentHash,
    digest,
    version: dataVersion(config.exports, database),
    cache: cacheBytesMax > 0 ? createExportCache({ bytesMax: cacheBytesMax, ttlMs: cacheTtlMs, now }) : undefined,
    compression: zstdCompression(),
    size: tableSize(database, now),
  };
  return { table: (request, options) => exportTable(parts, request, options) };
}

function dataVersion(exports: Config["exports"], database: Database): DataVersion | undefined {
  if (exports.dataVersion === "snapshot") return snapshotVersion(database);
  return exports.dataVersion === "query" && exports.dataVersionQuery !== undefined
    ? queriedVersion(database, exports.dataVersionQuery)
    : undefined;
}
