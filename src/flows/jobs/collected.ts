/** Items as they come, in groups of what has come by then: one step for many when they come fast, at once when they do not. */
export async function* collected<T>(items: AsyncIterable<T>, most: number): AsyncGenerator<readonly T[]> {
  const waiting: T[] = [];
  let ended = false;
  let failure: { readonly error: unknown } | undefined;
  let wake = () => {};
  const reading = async () => {
    try {
      for await (const item of items) {
        waiting.push(item);
        wake();
      }
    } catch (error) {
      failure = { error };
    }
    ended = true;
    wake();
  };
  reading();
  for (;;) {
    if (waiting.length > 0) yield waiting.splice(0, most);
    else if (failure) throw failure.error;
    else if (ended) return;
    else
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
  }
}
