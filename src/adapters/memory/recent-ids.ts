/** Ids and their sequences, of those that were seen within the time; older ones are forgotten. */
export type RecentIds = {
  sequenceOf(id: string, now: number): number | undefined;
  add(id: string, sequence: number, now: number): void;
};

/** Remembers ids and their sequences for so many milliseconds. */
export function createRecentIds(milliseconds: number): RecentIds {
  const seen = new Map<string, { readonly at: number; readonly sequence: number }>();
  return {
    sequenceOf: (id, now) => {
      for (const [old, { at }] of seen) {
        if (now - at < milliseconds) break;
        seen.delete(old);
      }
      return seen.get(id)?.sequence;
    },
    add: (id, sequence, at) => void seen.set(id, { at, sequence }),
  };
}
