export type Pipe<T> = {
  put(item: T): void;
  /** What was put comes out still; then the failure is thrown, where there is one. */
  end(failure?: { readonly error: unknown }): void;
  /** For one reader: all that has been put by then, at most so many at once. */
  readonly groups: AsyncIterable<readonly T[]>;
};

/**
 * What is put in comes out, in groups: one step for many when they come fast. Bounded by whoever puts.
 *
 * @param most items of a group
 * @param gather begun when there is an item for the next group: what is put until it resolves goes along
 */
export function pipe<T>(most: number, gather: () => Promise<void>): Pipe<T> {
  const waiting: T[] = [];
  let over: { readonly failure?: { readonly error: unknown } | undefined } | undefined;
  let wake = () => {};
  async function* groups(): AsyncGenerator<readonly T[]> {
    for (;;) {
      if (waiting.length > 0) {
        if (waiting.length < most) await gather();
        yield waiting.splice(0, most);
      } else if (over?.failure) throw over.failure.error;
      else if (over) return;
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
  }
  return {
    put(item) {
      waiting.push(item);
      wake();
    },
    end(failure) {
      over = { failure };
      wake();
    },
    groups: groups(),
  };
}
