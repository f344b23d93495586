/** Ids that were seen within the time; older ones are forgotten. */
export function createRecentIds(milliseconds: number): { isNew(id: string, now: number): boolean } {
  const seenAt = new Map<string, number>();
  return {
    isNew: (id, now) => {
      for (const [old, at] of seenAt) {
        if (now - at < milliseconds) break;
        seenAt.delete(old);
      }
      if (seenAt.has(id)) return false;
      seenAt.set(id, now);
      return true;
    },
  };
}
