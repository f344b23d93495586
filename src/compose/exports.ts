/** Exports, put together when the first one is asked for: a server that only answers JSON does without them. */
import { openBulkReader } from "../adapters/postgres/bulk/bulk-reader.ts";
import type { Config } from "../config/schema.ts";
import type { OperationRequest, Operations } from "../core/operations.ts";
import type { Artifact } from "../core/schema/artifact.ts";
import { exportTable, type TableOptions, type TableOutcome } from "../flows/export-table.ts";

export type Exports = {
  readonly table: (request: OperationRequest, options: TableOptions) => Promise<TableOutcome>;
  /** Ends the exports that run. */
  readonly close: () => Promise<void>;
};

export type ExportsInput = {
  readonly config: Config;
  readonly operations: Operations;
  readonly artifact: Artifact;
};

export function openExports({ config, operations, artifact }: ExportsInput): Exports {
  const bulk = openBulkReader({
    url: config.database.url,
    connectTimeoutMs: config.database.connectTimeoutMs,
    ...config.exports,
  });
  const parts = {
    operations,
    bulk,
    generateCode: canGenerateCode(),
    rowsMax: config.limits.exportRowsMax,
    fingerprint: artifact.contentHash,
  };
  return { table: (request, options) => exportTable(parts, request, options), close: () => bulk.close() };
}

/** Some edges refuse to make code from text. */
function canGenerateCode(): boolean {
  try {
    return new Function("return true")() === true;
  } catch {
    return false;
  }
}
