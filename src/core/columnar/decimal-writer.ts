/** Writer of decimals of a known precision and scale. */
import type { Column, ColumnType } from "./column.ts";
import { decimalBytes } from "./schema-message.ts";
import {
  createValidity,
  notRepresentable,
  otherType,
  readInt32,
  readUint16,
  refuseNull,
  type Writer,
} from "./writer.ts";

/** Up to here doubles count without a gap. */
const EXACT = 2 ** 53;
const WORD = 0x1_0000_0000;
const NEGATIVE = 0x4000;
const POSITIVE = 0x0000;
const START_ROWS = 256;

/**
 * On the wire: count, weight, sign and scale as int16, then digits of base 10,000, the first one worth 10,000^weight.
 * Source: PostgreSQL, `numeric_send`. Values below 2^53 take the way of doubles, greater ones that of 32-bit limbs.
 */
export function decimalWriter(column: Column, type: Extract<ColumnType, { kind: "decimal" }>): Writer {
  const width = decimalBytes(type.precision) / 4;
  const limbs = new Float64Array(width);
  const validity = createValidity();
  let target = new Int32Array(0);
  const wholeDigitsMax = type.precision - type.scale;
  let rows = 0;
  /** Digits of base 10,000 behind the point, and what the last of them has too much. */
  const fractionDigits = Math.ceil(type.scale / 4);
  const surplus = 10 ** (fractionDigits * 4 - type.scale);

  const room = (count: number): void => {
    while ((rows + count) * width > target.length) {
      const larger = new Int32Array(Math.max(START_ROWS * width, target.length * 2));
      larger.set(target);
      target = larger;
    }
  };

  const put = (bytes: Uint8Array, at: number): void => {
    const count = readUint16(bytes, at);
    const weight = (readUint16(bytes, at + 2) << 16) >> 16;
    const sign = readUint16(bytes, at + 4);
    if (sign !== POSITIVE && sign !== NEGATIVE) notRepresentable(column, "NaN or an infinity");
    if (count > 0 && wholeDigits(weight, readUint16(bytes, at + 8)) > wholeDigitsMax) otherType(column);
    if (readUint16(bytes, at + 6) > type.scale) otherType(column);
    const digitsNeeded = weight + 1 + fractionDigits;
    const start = rows * width;
    let value = 0;
    for (let index = 0; index < digitsNeeded && value < EXACT; index += 1) {
      value = value * 10_000 + (index < count ? readUint16(bytes, at + 8 + index * 2) : 0);
    }
    if (value < EXACT) {
      // What is cut off is zero, so the quotient is whole.
      putExact(target, start, width, value / surplus, sign === NEGATIVE);
      return;
    }
    limbs.fill(0);
    for (let index = 0; index < digitsNeeded; index += 1) {
      const digit = index < count ? readUint16(bytes, at + 8 + index * 2) : 0;
      const isLast = index === digitsNeeded - 1;
      multiplyAdd(limbs, isLast ? 10_000 / surplus : 10_000, isLast ? Math.floor(digit / surplus) : digit);
    }
    putLimbs(target, start, limbs, sign === NEGATIVE);
  };

  return {
    append: (bytes, at) => {
      room(1);
      const length = readInt32(bytes, at);
      if (length < 0) {
        if (!column.nullable) refuseNull(column);
        target.fill(0, rows * width, (rows + 1) * width);
        validity.markNull(rows);
        rows += 1;
        return at + 4;
      }
      put(bytes, at + 4);
      rows += 1;
      return at + 4 + length;
    },
    appendPlain: ({ bytes, view }, places, from, to) => {
      room(to - from);
      for (let index = from; index < to; index += 1) {
        const at = places[index] as number;
        if (view.getInt32(at) < 0) return index - from;
        put(bytes, at + 4);
        rows += 1;
      }
      return to - from;
    },
    appendEmpty: () => {
      room(1);
      target.fill(0, rows * width, (rows + 1) * width);
      if (column.nullable) validity.markNull(rows);
      rows += 1;
    },
    take: (nodes, buffers) => {
      validity.take(rows, nodes, buffers);
      buffers.push(new Uint8Array(target.buffer, 0, rows * width * 4));
      rows = 0;
    },
    bytes: () => rows * width * 4,
  };
}

/** Digits before the point; negative where zeros follow it. */
function wholeDigits(weight: number, first: number): number {
  return weight * 4 + (first < 10 ? 1 : first < 100 ? 2 : first < 1000 ? 3 : 4);
}

/** Two's complement of a whole number below 2^53. */
function putExact(target: Int32Array, start: number, width: number, magnitude: number, negative: boolean): void {
  const value = negative ? -magnitude : magnitude;
  const high = Math.floor(value / WORD);
  target[start] = value - high * WORD;
  target[start + 1] = high;
  const sign = value < 0 ? -1 : 0;
  for (let index = 2; index < width; index += 1) target[start + index] = sign;
}

/** Two's complement of a magnitude in limbs of 32 bits. */
function putLimbs(target: Int32Array, start: number, limbs: Float64Array, negative: boolean): void {
  let carry = negative ? 1 : 0;
  for (let index = 0; index < limbs.length; index += 1) {
    const limb = limbs[index] as number;
    const value = negative ? WORD - 1 - limb + carry : limb;
    target[start + index] = value;
    carry = value >= WORD ? 1 : 0;
  }
}

/** `limbs` = `limbs` × factor + digit; every step stays below 2^53. */
function multiplyAdd(limbs: Float64Array, factor: number, digit: number): void {
  let carry = digit;
  for (let index = 0; index < limbs.length; index += 1) {
    const product = (limbs[index] as number) * factor + carry;
    carry = Math.floor(product / WORD);
    limbs[index] = product - carry * WORD;
  }
}
