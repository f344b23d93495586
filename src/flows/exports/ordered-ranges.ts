/** A long list in its order, read over two connections in ranges that lie one behind the other. */
import { type KeyRange, type RangedList, rangesOf } from "../../core/sql/exports/range.ts";
import type { TableSize } from "../../ports/table-size.ts";

/**
 * About so many rows of a table make a range. PostgreSQL works ahead as far as a socket holds what it sends, a few megabytes;
 * much shorter ones cost a statement each.
 */
const RANGE_ROWS = 25_000;
/** A list of fewer ranges is sent before a second connection is worth it, which may have to be opened first. */
const RANGES_MIN = 10;

/** The ranges of a list, where it is worth it. Never rejects: what is not known is read as one. */
export async function rangesFor(
  size: TableSize | undefined,
  list: RangedList | undefined,
): Promise<readonly KeyRange[] | undefined> {
  if (!size || !list || (list.limit ?? Number.POSITIVE_INFINITY) < RANGE_ROWS * RANGES_MIN) return undefined;
  const bounds = await size.bounds(list.relation, list.column, RANGE_ROWS).catch(() => []);
  return bounds.length + 1 < RANGES_MIN ? undefined : rangesOf(bounds, list.direction);
}
