/**
 * Loops over the values of one column, without a call for each: engines make machine code of them that no closure between
 * stands in the way of.
 */
import { readInt32 } from "./writer.ts";

/** Lays values at many places into `target` from slot `row` on; gives how many it took before the first of another length. */
export type PutMany = (
  target: Int32Array,
  row: number,
  bytes: Uint8Array,
  places: Int32Array,
  from: number,
  to: number,
) => number;

export const manyInt32: PutMany = (target, row, bytes, places, from, to) => {
  for (let index = from; index < to; index += 1) {
    const at = places[index] as number;
    if (readInt32(bytes, at) !== 4) return index - from;
    target[row + index - from] = readInt32(bytes, at + 4);
  }
  return to - from;
};

/** Also doubles: both are eight bytes, turned around. */
export const manyInt64: PutMany = (target, row, bytes, places, from, to) => {
  let into = row * 2;
  for (let index = from; index < to; index += 1) {
    const at = places[index] as number;
    if (readInt32(bytes, at) !== 8) return index - from;
    target[into] = readInt32(bytes, at + 8);
    target[into + 1] = readInt32(bytes, at + 4);
    into += 2;
  }
  return to - from;
};
