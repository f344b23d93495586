import { pipe } from "../pipe.ts";

/** Items of a source as they come, in groups of what has come by then, at most so many at once. */
export function collected<T>(items: AsyncIterable<T>, most: number): AsyncIterable<readonly T[]> {
  const { put, end, groups } = pipe<T>(most);
  const reading = async () => {
    for await (const item of items) put(item);
  };
  reading().then(
    () => end(),
    (error) => end({ error }),
  );
  return groups;
}
