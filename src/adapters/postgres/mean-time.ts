/** A mean in which the last sixteen or so weigh most. */
export type MeanTime = {
  add(milliseconds: number): void;
  count(): number;
  /** In milliseconds; 0 before the first. */
  value(): number;
};

const WEIGHT = 1 / 16;

export function createMeanTime(): MeanTime {
  let count = 0;
  let value = 0;
  return {
    add(milliseconds) {
      count += 1;
      value += (milliseconds - value) * (count === 1 ? 1 : WEIGHT);
    },
    count: () => count,
    value: () => value,
  };
}
