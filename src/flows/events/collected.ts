import { pipe } from "../pipe.ts";

/** Items of a source as they come, in groups: see `pipe`. */
export function collected<T>(
  items: AsyncIterable<T>,
  most: number,
  gather: () => Promise<void>,
): AsyncIterable<readonly T[]> {
  const { put, end, groups } = pipe<T>(most, gather);
  const reading = async () => {
    for await (const item of items) put(item);
  };
  reading().then(
    () => end(),
    (error) => end({ error }),
  );
  return groups;
}
