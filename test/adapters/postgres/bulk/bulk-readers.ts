/** The bulk readers of a test: each is opened for a part of it, all are closed after. */
import type { BulkPoolOptions } from "../../../../src/adapters/postgres/bulk/bulk-pool.ts";
import { openBulkReader } from "../../../../src/adapters/postgres/bulk/bulk-reader.ts";
import type { BulkReader } from "../../../../src/ports/bulk-reader.ts";

/** @param usual what each is opened with unless it is told otherwise; asked for when one is opened, not before */
export function bulkReaders(usual: () => BulkPoolOptions) {
  const opened: BulkReader[] = [];
  return {
    open(options: Partial<BulkPoolOptions> = {}): BulkReader {
      const reader = openBulkReader({ ...usual(), ...options });
      opened.push(reader);
      return reader;
    },
    async closeAll(): Promise<void> {
      for (const reader of opened.splice(0)) await reader.close();
    },
  };
}
