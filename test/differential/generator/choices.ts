/**
 * A document is generated from a list of numbers, one for each decision; a missing number is 0, and 0 is always the
 * simplest choice. So fast-check shrinks a document by shrinking a list of numbers.
 */
export type Choices = {
  /** A number from 0 to `count - 1`. */
  readonly below: (count: number) => number;
  /** True in `percent` of a hundred cases; never once the numbers are used up. */
  readonly chance: (percent: number) => boolean;
  readonly one: <T>(items: readonly T[]) => T;
};

export function choicesFrom(numbers: readonly number[]): Choices {
  let next = 0;
  const below = (count: number): number => {
    const number = numbers[next] ?? 0;
    next += 1;
    return count <= 1 ? 0 : number % count;
  };
  return {
    below,
    chance: (percent) => below(100) >= 100 - percent,
    one: (items) => {
      if (items.length === 0) throw new Error("nothing to choose from");
      return items[below(items.length)] as (typeof items)[number];
    },
  };
}
