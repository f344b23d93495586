/** What the forms of an export have in common. */
import { FraiseqlError } from "../core/errors.ts";
import type { Operations } from "../core/operations.ts";
import type { BulkReader } from "../ports/bulk-reader.ts";

export type ExportParts = {
  readonly operations: Operations;
  readonly bulk: BulkReader;
  /** Off where the runtime refuses `new Function`. */
  readonly generateCode: boolean;
  /** A table with more rows is broken off with EXPORT_LIMIT. */
  readonly rowsMax: number;
  /** Content hash of the artifact, which travels with an Arrow table. */
  readonly fingerprint?: string;
};

export type Chunk = { readonly bytes: Uint8Array; readonly isLast: boolean };

/** An export whose first bytes are there. */
export type Exported = {
  readonly first: Uint8Array;
  /** Absent: there is nothing more. Leaving it early cancels the statement. */
  readonly rest?: AsyncIterableIterator<Uint8Array>;
};

/** Whatever fails before the first bytes rejects. */
export async function begin(chunks: AsyncGenerator<Chunk>): Promise<Exported> {
  const { value } = await chunks.next();
  const { bytes, isLast } = value as Chunk;
  if (!isLast) return { first: bytes, rest: bytesOf(chunks) };
  await chunks.return(undefined);
  return { first: bytes };
}

/** Not a generator of its own: one that was never begun would not close the result when it is left. */
function bytesOf(chunks: AsyncGenerator<Chunk>): AsyncIterableIterator<Uint8Array> {
  const rest: AsyncIterableIterator<Uint8Array> = {
    next: async () => {
      const { done, value } = await chunks.next();
      return done ? { done, value: undefined } : { done: false, value: value.bytes };
    },
    return: async () => {
      await chunks.return(undefined);
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => rest,
  };
  return rest;
}

export async function* chunksOf({ first, rest }: Exported): AsyncGenerator<Uint8Array> {
  try {
    yield first;
    if (rest) yield* rest;
  } finally {
    await rest?.return?.();
  }
}

export function tooManyRows(limit: number): FraiseqlError {
  return new FraiseqlError("EXPORT_LIMIT", `The table has more than ${limit} rows; give the list a limit.`, {
    details: { limit },
  });
}
