export type Pipe<T> = {
  put(item: T): void;
  /** What was put comes out still. */
  end(): void;
  readonly items: AsyncIterable<T>;
};

/** What is put in comes out; bounded by whoever puts. */
export function pipe<T>(): Pipe<T> {
  const waiting: T[] = [];
  let ended = false;
  let wake = () => {};
  async function* items(): AsyncGenerator<T> {
    for (;;) {
      const next = waiting.shift();
      if (next !== undefined) yield next;
      else if (ended) return;
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
  }
  return {
    put(item: T) {
      waiting.push(item);
      wake();
    },
    end() {
      ended = true;
      wake();
    },
    items: items(),
  };
}
