/** Several results as one, for rows whose order means nothing: whichever has rows gives them. */
import type { BulkResult } from "../../ports/bulk-reader.ts";

type Read = { readonly from: BulkResult; readonly bytes: Uint8Array | undefined };

export function mergedResult(results: readonly BulkResult[]): BulkResult {
  const reads = new Map<BulkResult, Promise<Read>>();
  const begin = (from: BulkResult): void => {
    const read = from.read().then((bytes) => ({ from, bytes }));
    // It is awaited by the race; another may have ended that before.
    read.catch(() => undefined);
    reads.set(from, read);
  };
  /** Its bytes are the reader's until the next call, so its next read waits for that. */
  let given: BulkResult | undefined;
  let hasBegun = false;
  return {
    columns: results[0]?.columns ?? [],
    read: async () => {
      if (!hasBegun) for (const result of results) begin(result);
      hasBegun = true;
      if (given) begin(given);
      given = undefined;
      while (reads.size > 0) {
        const { from, bytes } = await Promise.race(reads.values());
        reads.delete(from);
        if (!bytes) continue;
        given = from;
        return bytes;
      }
      return undefined;
    },
    close: async () => {
      await Promise.all(results.map((result) => result.close()));
    },
  };
}
