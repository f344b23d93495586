/** Bytes that are sent as they are made: of exports, and of long lists. */

export type Chunk = { readonly bytes: Uint8Array; readonly isLast: boolean };

/** An export whose first bytes are there. Its bytes are the reader's own. */
export type Exported = {
  readonly first: Uint8Array;
  /** Absent: there is nothing more. Leaving it early cancels the statement. */
  readonly rest?: AsyncIterableIterator<Uint8Array>;
  /** What the bytes are compressed with, if they are. */
  readonly coding?: "zstd";
};

/** All of an export, kept for whoever asks. A blob, for it goes to a socket without another copy and knows its length. */
export type KeptExport = { readonly whole: Blob; readonly coding?: "zstd" };

/** Whatever fails before the first bytes rejects. */
export async function begin(chunks: AsyncGenerator<Chunk>): Promise<Exported> {
  const { value } = await chunks.next();
  const { bytes, isLast } = value as Chunk;
  if (!isLast) {
    const next = async (): Promise<Uint8Array | undefined> => ((await chunks.next()).value as Chunk | undefined)?.bytes;
    return { first: bytes, rest: restOf(next, async () => void (await chunks.return(undefined))) };
  }
  await chunks.return(undefined);
  return { first: bytes };
}

/** All of an export; leaving early ends what makes it. */
export async function* chunksOf({ first, rest }: Exported): AsyncGenerator<Uint8Array> {
  try {
    yield first;
    if (rest) yield* rest;
  } finally {
    await rest?.return?.();
  }
}

/** Chunks as the rest of an export; leaving it calls `leave`, also before the first was taken. */
export function restOf(
  next: () => Promise<Uint8Array | undefined>,
  leave: () => Promise<void> | void,
): AsyncIterableIterator<Uint8Array> {
  const rest: AsyncIterableIterator<Uint8Array> = {
    next: async () => {
      const value = await next();
      return value ? { done: false, value } : { done: true, value: undefined };
    },
    return: async () => {
      await leave();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => rest,
  };
  return rest;
}
