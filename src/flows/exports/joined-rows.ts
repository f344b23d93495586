/** Rows of one text each, joined to chunks of bytes as they come from PostgreSQL. */
import type { BulkResult } from "../../ports/bulk-reader.ts";
import type { Chunk } from "./chunks.ts";

export type Joining = {
  /** What stands before the first row. */
  readonly head: Uint8Array;
  /** What stands between two rows: one byte or two. */
  readonly between: Uint8Array;
  /** What stands behind the last of so many rows. */
  readonly tail: (rows: number) => Uint8Array;
  /** Throws where so much is too much. */
  readonly check: (read: { readonly rows: number; readonly bytes: number }) => void;
};

/**
 * The first chunk is small, to be there soon; later ones are larger, for each costs the same whatever its size. One ends with the
 * same row whatever the pieces in which rows come: compressed, the same rows are the same bytes.
 */
const FIRST_BYTES = 16_384;
const CHUNK_BYTES = 131_072;
/** For the end of the last row. */
const OVER_BYTES = 4_096;

/** Leaving it early closes the result. */
export async function* joinedRows(
  result: BulkResult,
  { head, between, tail, check }: Joining,
): AsyncGenerator<Chunk, void, void> {
  let isWhole = false;
  let rows = 0;
  let sent = 0;
  let wanted = FIRST_BYTES;
  let chunk = new Uint8Array(Math.max(FIRST_BYTES, head.length) + OVER_BYTES);
  chunk.set(head);
  let filled = head.length;
  try {
    for (let bytes = await result.read(); bytes; bytes = await result.read()) {
      for (let at = 0; at < bytes.length; ) {
        const end = endOfRow(bytes, at);
        // A row loses its head of 11 bytes and gets what stands between.
        if (filled + end - at > chunk.length) chunk = withRoom(chunk, filled, end - at);
        if (rows > 0) {
          chunk.set(between, filled);
          filled += between.length;
        }
        chunk.set(bytes.subarray(at + ROW_HEAD_BYTES, end), filled);
        filled += end - at - ROW_HEAD_BYTES;
        at = end;
        rows += 1;
        if (filled < wanted) continue;
        check({ rows, bytes: sent + filled });
        yield { bytes: chunk.subarray(0, filled), isLast: false };
        sent += filled;
        wanted = CHUNK_BYTES;
        chunk = new Uint8Array(CHUNK_BYTES + OVER_BYTES);
        filled = 0;
      }
      check({ rows, bytes: sent + filled });
    }
    isWhole = true;
    const last = tail(rows);
    if (filled + last.length > chunk.length) chunk = withRoom(chunk, filled, last.length);
    chunk.set(last, filled);
    yield { bytes: chunk.subarray(0, filled + last.length), isLast: true };
  } finally {
    if (!isWhole) await result.close();
  }
}

/** Of a `DataRow` with one value: type, length, count of values, length of the value. */
const ROW_HEAD_BYTES = 11;

function endOfRow(bytes: Uint8Array, at: number): number {
  const length =
    ((bytes[at + 1] as number) << 24) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 8) |
    (bytes[at + 4] as number);
  return at + 1 + length;
}

function withRoom(chunk: Uint8Array, filled: number, more: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.max(2 * chunk.length, filled + more));
  larger.set(chunk.subarray(0, filled));
  return larger;
}
