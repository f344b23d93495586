/**
 * Which of many intervals hold a number, in time for the depth and for those that do.
 *
 * A centred interval tree: https://en.wikipedia.org/wiki/Interval_tree#Centered_interval_tree
 */
export type Interval<Item> = { readonly low: number; readonly high: number; readonly item: Item };

type Node<Item> = {
  readonly center: number;
  /** The intervals that hold the centre, twice: lowest begin first, highest end first. */
  readonly byLow: readonly Interval<Item>[];
  readonly byHigh: readonly Interval<Item>[];
  readonly below: Node<Item> | undefined;
  readonly above: Node<Item> | undefined;
};

export type IntervalTree<Item> = { readonly root: Node<Item> | undefined };

/** Ends belong to their interval. An interval whose low end is above its high end holds nothing. */
export function intervalTree<Item>(intervals: readonly Interval<Item>[]): IntervalTree<Item> {
  return { root: nodeOf(intervals.filter(({ low, high }) => low <= high)) };
}

function nodeOf<Item>(intervals: readonly Interval<Item>[]): Node<Item> | undefined {
  if (intervals.length === 0) return undefined;
  const ends = intervals.flatMap(({ low, high }) => [low, high]).toSorted((a, b) => (a < b ? -1 : Number(a > b)));
  // An end of one of them, so that this node keeps at least one and the depth stays logarithmic.
  const center = ends[ends.length >> 1] as number;
  const here = intervals.filter(({ low, high }) => low <= center && center <= high);
  return {
    center,
    byLow: here.toSorted((a, b) => (a.low < b.low ? -1 : Number(a.low > b.low))),
    byHigh: here.toSorted((a, b) => (a.high > b.high ? -1 : Number(a.high < b.high))),
    below: nodeOf(intervals.filter(({ high }) => high < center)),
    above: nodeOf(intervals.filter(({ low }) => low > center)),
  };
}

/** Calls `found` with each item whose interval holds the number. */
export function visitIntervals<Item>({ root }: IntervalTree<Item>, value: number, found: (item: Item) => void): void {
  let node = root;
  while (node !== undefined) {
    if (value <= node.center) {
      for (const { low, item } of node.byLow) {
        if (low > value) break;
        found(item);
      }
      node = value === node.center ? undefined : node.below;
    } else {
      for (const { high, item } of node.byHigh) {
        if (high < value) break;
        found(item);
      }
      node = node.above;
    }
  }
}
