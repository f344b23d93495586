/**
 * Loops over the values of one column, without a call for each: engines make machine code of them that no closure between
 * stands in the way of. Each gives how many values it took; the first that is null, of another length or out of the usual ends it.
 */
import type { Source } from "./writer.ts";

/** Lays values at `places[from]` up to `places[to - 1]` into `target` from slot `row` on. */
export type PutMany<Target> = (
  target: Target,
  row: number,
  source: Source,
  places: Int32Array,
  from: number,
  to: number,
) => number;

export const manyInt16: PutMany<Int16Array> = (target, row, { view }, places, from, to) => {
  for (let index = from; index < to; index += 1) {
    const at = places[index] as number;
    if (view.getInt32(at) !== 2) return index - from;
    target[row + index - from] = view.getUint16(at + 4);
  }
  return to - from;
};

export const manyInt32: PutMany<Int32Array> = (target, row, { view }, places, from, to) => {
  for (let index = from; index < to; index += 1) {
    const at = places[index] as number;
    if (view.getInt32(at) !== 4) return index - from;
    target[row + index - from] = view.getInt32(at + 4);
  }
  return to - from;
};

/** Also doubles: both are eight bytes, turned around. */
export const manyInt64: PutMany<Int32Array> = (target, row, { view }, places, from, to) => {
  let into = row * 2;
  for (let index = from; index < to; index += 1) {
    const at = places[index] as number;
    if (view.getInt32(at) !== 8) return index - from;
    target[into] = view.getInt32(at + 8);
    target[into + 1] = view.getInt32(at + 4);
    into += 2;
  }
  return to - from;
};

export const manyBools: PutMany<Uint8Array> = (target, row, { view }, places, from, to) => {
  for (let index = from; index < to; index += 1) {
    const at = places[index] as number;
    if (view.getInt32(at) !== 1) return index - from;
    putBit(target, row + index - from, view.getUint8(at + 4) === 1);
  }
  return to - from;
};

/** The first bit of a byte clears what an earlier batch left there. */
export function putBit(target: Uint8Array, row: number, isSet: boolean): void {
  const byte = row >> 3;
  const kept = (row & 7) === 0 ? 0 : (target[byte] as number) & ((1 << (row & 7)) - 1);
  target[byte] = isSet ? kept | (1 << (row & 7)) : kept;
}
