/** A map with a bound: the entry that was used longest ago leaves first. */
export type RecentMap<K, V> = {
  readonly get: (key: K) => V | undefined;
  readonly set: (key: K, value: V) => void;
  readonly size: () => number;
};

/** `max` entries are kept; `max` is at least 1. */
export function leastRecentlyUsed<K, V>(max: number): RecentMap<K, V> {
  const entries = new Map<K, V>();
  let newest: K | undefined;
  return {
    get: (key) => {
      const value = entries.get(key);
      if (value === undefined || key === newest) return value;
      entries.delete(key);
      entries.set(key, value);
      newest = key;
      return value;
    },
    set: (key, value) => {
      entries.delete(key);
      entries.set(key, value);
      newest = key;
      if (entries.size <= max) return;
      for (const oldest of entries.keys()) {
        entries.delete(oldest);
        break;
      }
    },
    size: () => entries.size,
  };
}
