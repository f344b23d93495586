/**
 * Which rows of the outbox may be published: those below which nothing can come any more.
 *
 * Positions are drawn one by one inside of writing transactions, and seen when those commit: in another order. So a
 * missing position is of a transaction that is still open, or of one that was rolled back. A position below a row that
 * is seen was drawn before that row was committed, by a transaction that had its id by then. A transaction id taken
 * after the row was seen is therefore larger than the id of everybody who can still come below it: when a snapshot
 * has no open transaction up to that id, whatever it does not show below the row never comes.
 *
 * The upper bound of the snapshot that showed the row will not do for that id: it is the newest *ended* transaction's,
 * and open ones may have larger ids.
 */
export type Barrier = {
  /** Taken after a read that showed the row `covers`. */
  readonly transaction: bigint;
  readonly covers: number;
};

export type Settled = {
  /** So many rows from the first on may be published. */
  readonly count: number;
  /** The next row has a gap before it that no barrier covers yet. */
  readonly needsBarrier: boolean;
};

/**
 * @param after the position up to which all is published
 * @param positions of the rows that one snapshot showed above it, ascending, from the first
 * @param horizon of that snapshot: all transactions with a smaller id were over
 */
export function settledRows(
  after: number,
  positions: readonly number[],
  horizon: bigint,
  barrier: Barrier | undefined,
): Settled {
  const passed = barrier !== undefined && horizon > barrier.transaction ? barrier.covers : after;
  let expected = after + 1;
  let count = 0;
  for (const position of positions) {
    if (position !== expected && position > passed) break;
    expected = position + 1;
    count += 1;
  }
  const stopped = positions[count];
  return { count, needsBarrier: stopped !== undefined && (barrier === undefined || stopped > barrier.covers) };
}
