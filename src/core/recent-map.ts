/** A map with a bound: the entry that was used longest ago leaves first. */
export type RecentMap<K, V> = {
  readonly get: (key: K) => V | undefined;
  /** Setting an entry again weighs it anew. */
  readonly set: (key: K, value: V) => void;
  readonly size: () => number;
  /** Of all entries together. */
  readonly weight: () => number;
};

export type Weighing<V> = {
  readonly of: (value: V) => number;
  /** What all entries may weigh together; one that is heavier by itself is not kept. */
  readonly max: number;
};

/** `max` entries are kept; `max` is at least 1. */
export function leastRecentlyUsed<K, V>(max: number, weighing?: Weighing<V>): RecentMap<K, V> {
  const entries = new Map<K, V>();
  const weights = new Map<K, number>();
  let total = 0;
  let newest: K | undefined;
  const remove = (key: K): void => {
    entries.delete(key);
    total -= weights.get(key) ?? 0;
    weights.delete(key);
  };
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
      remove(key);
      entries.set(key, value);
      newest = key;
      if (weighing) {
        const weight = weighing.of(value);
        weights.set(key, weight);
        total += weight;
      }
      for (const oldest of entries.keys()) {
        if (entries.size <= max && total <= (weighing?.max ?? total)) break;
        remove(oldest);
      }
    },
    size: () => entries.size,
    weight: () => total,
  };
}
