/** Loops over values of a column that are copied as they are; see `many-words.ts`. */
import type { PutMany } from "./many-words.ts";
import type { Source } from "./writer.ts";

export const UUID_BYTES = 16;

export const manyUuids: PutMany<Uint8Array> = (target, row, { bytes, view }, places, from, to) => {
  let into = row * UUID_BYTES;
  for (let index = from; index < to; index += 1) {
    const at = places[index] as number;
    if (view.getInt32(at) !== UUID_BYTES) return index - from;
    for (let byte = at + 4; byte < at + 4 + UUID_BYTES; byte += 1) target[into++] = bytes[byte] as number;
  }
  return to - from;
};

export type Texts = {
  readonly data: Uint8Array;
  /** Has room for all rows; where the last text ended stands at `row`. */
  readonly offsets: Int32Array;
  readonly row: number;
  /** Bytes at the start of each value that are no part of it. */
  readonly skip: number;
};

/** Below this many bytes a loop beats a call that copies. */
const SHORT = 64;

/** Takes values until one is null or `data` has no room for it. */
export function manyTexts(
  { data, offsets, row, skip }: Texts,
  { bytes, view }: Source,
  places: Int32Array,
  from: number,
  to: number,
): number {
  let used = offsets[row] as number;
  for (let index = from; index < to; index += 1) {
    const at = places[index] as number;
    const length = view.getInt32(at);
    const start = at + 4 + skip;
    const end = at + 4 + length;
    if (length < 0 || used + end - start > data.length) return index - from;
    if (end - start < SHORT) for (let byte = start; byte < end; byte += 1) data[used++] = bytes[byte] as number;
    else {
      data.set(bytes.subarray(start, end), used);
      used += end - start;
    }
    offsets[row + index - from + 1] = used;
  }
  return to - from;
}
