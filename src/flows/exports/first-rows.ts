import { sourceOf } from "../../core/columnar/writer.ts";
import type { BulkResult } from "../../ports/bulk-reader.ts";

/** At most so many rows of a result, which is closed when another comes. */
export function firstRows(result: BulkResult, count: number): BulkResult {
  let left = count;
  let isOver = false;
  return {
    ...result,
    read: async () => {
      const bytes = isOver ? undefined : await result.read();
      if (!bytes) return undefined;
      const { view } = sourceOf(bytes);
      let at = 0;
      for (; left > 0 && at < bytes.length; left -= 1) at += 1 + view.getInt32(at + 1);
      if (at === bytes.length) return bytes;
      isOver = true;
      await result.close();
      return at > 0 ? bytes.subarray(0, at) : undefined;
    },
  };
}
