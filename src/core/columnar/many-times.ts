/** Times of the wire in Arrow's counting, one by one and many at once. */
import type { PutMany } from "./many-words.ts";

export const INT32_MAX = 0x7fffffff;
export const INT32_MIN = -0x80000000;
/** PostgreSQL counts from 2000-01-01, Arrow from 1970-01-01. */
const EPOCH_MICROS = 946_684_800_000_000;
const EPOCH_LOW = EPOCH_MICROS % 0x1_0000_0000;
const EPOCH_HIGH = Math.floor(EPOCH_MICROS / 0x1_0000_0000);

/** Adds two halves with a carry; false where the sum is beyond the greatest number, or on it, where infinity is. */
export function putTimestamp(target: Int32Array, index: number, high: number, low: number): boolean {
  const sum = (low >>> 0) + EPOCH_LOW;
  const highSum = high + EPOCH_HIGH + (sum > 0xffffffff ? 1 : 0);
  target[index] = sum;
  target[index + 1] = highSum;
  return highSum < INT32_MAX || (highSum === INT32_MAX && target[index] !== -1);
}

/** Up to the first that may be infinite or too late. */
export const manyTimestamps: PutMany<Int32Array> = (target, row, { view }, places, from, to) => {
  let into = row * 2;
  for (let index = from; index < to; index += 1) {
    const at = places[index] as number;
    if (view.getInt32(at) !== 8) return index - from;
    const high = view.getInt32(at + 4);
    if (high === INT32_MIN || high === INT32_MAX) return index - from;
    if (!putTimestamp(target, into, high, view.getInt32(at + 8))) return index - from;
    into += 2;
  }
  return to - from;
};
