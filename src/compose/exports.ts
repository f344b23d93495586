/** Exports and long lists, put together when the first one is asked for: a server that answers short ones does without. */
import { openBulkReader } from "../adapters/postgres/bulk/bulk-reader.ts";
import { queriedVersion, snapshotVersion } from "../adapters/postgres/data-version.ts";
import { tableSize } from "../adapters/postgres/table-size.ts";
import { digest } from "../adapters/web-crypto/digest.ts";
import { zstdCompression } from "../adapters/zlib/zstd.ts";
import type { Config } from "../config/schema.ts";
import type { OperationRequest, Operations } from "../core/operations.ts";
import type { Artifact } from "../core/schema/artifact.ts";
import type { Answer, LongAnswer } from "../flows/answers/answer.ts";
import { createListTurns } from "../flows/answers/list-turns.ts";
import { streamList } from "../flows/answers/stream-list.ts";
import { createExportCache } from "../flows/exports/export-cache.ts";
import { exportTable, type TableOptions, type TableOutcome, type TableParts } from "../flows/exports/export-table.ts";
import type { DataVersion } from "../ports/data-version.ts";
import type { Caller, Database } from "../ports/database.ts";

export type Exports = {
  readonly table: (request: OperationRequest, options: TableOptions) => Promise<TableOutcome>;
  /** A long list as JSON. */
  readonly stream: (request: OperationRequest, caller?: Caller) => Promise<Answer | LongAnswer>;
  /** Ends the exports that run. */
  readonly close: () => Promise<void>;
};

export type ExportsInput = {
  readonly config: Config;
  readonly operations: Operations;
  readonly artifact: Artifact;
  /** Asked for versions of the data. */
  readonly database: Database;
  /** Requests until now that were no exports and no long lists. */
  readonly quickRequests: () => number;
};

/** Tables over connections of their own, with the cache and the versions that are configured. */
export function openExports({ config, operations, artifact, database, quickRequests }: ExportsInput): Exports {
  const { url, connectTimeoutMs } = config.database;
  const { cacheBytesMax, cacheTtlMs, waitersMax, waitMs, connectionsMax: atOnceMax } = config.exports;
  const bulk = openBulkReader({ url, connectTimeoutMs, ...config.exports });
  const now = () => performance.now();
  const parts: TableParts = {
    operations,
    bulk,
    rowsMax: config.limits.exportRowsMax,
    fingerprint: artifact.contentHash,
    digest,
    version: dataVersion(config.exports, database),
    cache: cacheBytesMax > 0 ? createExportCache({ bytesMax: cacheBytesMax, ttlMs: cacheTtlMs, now }) : undefined,
    compression: zstdCompression(),
    size: tableSize(database, now),
  };
  const { responseBytesMax: bytesMax, statementTimeoutMs: firstBytesMs } = config.limits;
  const list = {
    operations,
    bulk,
    turns: createListTurns({ waitersMax, waitMs, atOnceMax, quickRequests }),
    bytesMax,
    firstBytesMs,
  };
  return {
    table: (request, options) => exportTable(parts, request, options),
    stream: (request, caller) => streamList(list, request, caller),
    close: () => bulk.close(),
  };
}

function dataVersion(exports: Config["exports"], database: Database): DataVersion | undefined {
  if (exports.dataVersion === "snapshot") return snapshotVersion(database);
  return exports.dataVersion === "query" && exports.dataVersionQuery !== undefined
    ? queriedVersion(database, exports.dataVersionQuery)
    : undefined;
}
