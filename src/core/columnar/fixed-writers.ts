/** Writers of values of one width. */
import type { Column, ColumnType } from "./column.ts";
import { manyUuids, UUID_BYTES } from "./many-bytes.ts";
import { INT32_MAX, INT32_MIN, manyTimestamps, putTimestamp } from "./many-times.ts";
import { manyBools, manyInt16, manyInt32, manyInt64, type PutMany, putBit } from "./many-words.ts";
import {
  createValidity,
  NONE,
  notRepresentable,
  otherType,
  readInt32,
  readUint16,
  refuseNull,
  type Source,
  type Writer,
} from "./writer.ts";

/** Lays the value of `length` bytes at `at` into slot `row`. */
type Put = (bytes: Uint8Array, at: number, row: number) => void;

type Storage = {
  /** Bytes of a value on the wire. */
  readonly width: number;
  readonly put: Put;
  /** The same for values at many places, up to the first that is null or of another length; gives their count. */
  readonly putMany?: (source: Source, places: Int32Array, from: number, to: number, row: number) => number;
  /** Makes room for at least `rows` slots. */
  readonly grow: (rows: number) => void;
  readonly filled: (rows: number) => Uint8Array;
};

const START_ROWS = 256;

/** The writer of a column whose values all take the same room. */
export function fixedWriter(column: Column): Writer {
  const storage = storageOf(column);
  const { put, putMany, width } = storage;
  const validity = createValidity();
  let rows = 0;
  let capacity = 0;
  const grow = (): void => {
    capacity = Math.max(START_ROWS, capacity * 2);
    storage.grow(capacity);
  };
  return {
    append: (bytes, at) => {
      if (rows === capacity) grow();
      const length = readInt32(bytes, at);
      if (length < 0) {
        if (!column.nullable) refuseNull(column);
        validity.markNull(rows);
        rows += 1;
        return at + 4;
      }
      if (length !== width) otherType(column);
      put(bytes, at + 4, rows);
      rows += 1;
      return at + 4 + length;
    },
    ...(putMany && {
      appendPlain: (source: Source, places: Int32Array, from: number, to: number): number => {
        while (rows + to - from > capacity) grow();
        const taken = putMany(source, places, from, to, rows);
        rows += taken;
        return taken;
      },
    }),
    appendEmpty: () => {
      if (rows === capacity) grow();
      if (column.nullable) validity.markNull(rows);
      rows += 1;
    },
    take: (nodes, buffers) => {
      validity.take(rows, nodes, buffers);
      buffers.push(storage.filled(rows));
      rows = 0;
    },
    bytes: () => rows * 8,
  };
}

function storageOf(column: Column): Storage {
  const { type } = column;
  switch (type.kind) {
    case "bool":
      return bits();
    case "int":
      return type.bits === 16 ? shorts() : type.bits === 32 ? words(1, int32, manyInt32) : words(2, int64, manyInt64);
    case "float":
      return type.bits === 32 ? words(1, int32, manyInt32) : words(2, int64, manyInt64);
    case "date":
      return words(1, date);
    case "time":
      return words(2, (target, index, bytes, at) => time(target, index, bytes, at, column));
    case "timestamp":
      return words(2, (target, index, bytes, at) => timestamp(target, index, bytes, at, column), manyTimestamps);
    case "uuid":
      return uuids();
    case "interval":
      return words(4, (target, index, bytes, at) => interval(target, index, bytes, at, column));
    default:
      throw new TypeError(`${(type satisfies ColumnType).kind} has no one width`);
  }
}

type PutWords = (target: Int32Array, index: number, bytes: Uint8Array, at: number) => void;

/** Values of `width` 32-bit words. */
function words(width: number, putWords: PutWords, many?: PutMany<Int32Array>): Storage {
  let memory = new ArrayBuffer(0);
  let target = new Int32Array(memory);
  return {
    width: width * 4,
    put: (bytes, at, row) => putWords(target, row * width, bytes, at),
    ...(many && {
      putMany: (source: Source, places: Int32Array, from: number, to: number, row: number) =>
        many(target, row, source, places, from, to),
    }),
    grow: (rows) => {
      memory = new ArrayBuffer(rows * width * 4);
      const larger = new Int32Array(memory);
      larger.set(target);
      target = larger;
    },
    filled: (rows) => new Uint8Array(memory, 0, rows * width * 4),
  };
}

const int32: PutWords = (target, index, bytes, at) => {
  target[index] = readInt32(bytes, at);
};

/** Also a double: both are eight bytes, turned around. */
const int64: PutWords = (target, index, bytes, at) => {
  target[index] = readInt32(bytes, at + 4);
  target[index + 1] = readInt32(bytes, at);
};

/** PostgreSQL counts from 2000-01-01, Arrow from 1970-01-01. */
const EPOCH_DAYS = 10_957;

/** Infinite dates stay the greatest and the smallest number. */
const date: PutWords = (target, index, bytes, at) => {
  const days = readInt32(bytes, at);
  target[index] = days === INT32_MAX || days === INT32_MIN ? days : days + EPOCH_DAYS;
};

const DAY_HIGH = 20;
const DAY_LOW = 86_400_000_000 - DAY_HIGH * 0x1_0000_0000;

/** Arrow's day ends before its last moment; 24:00:00 would be read as another time, or not at all. */
function time(target: Int32Array, index: number, bytes: Uint8Array, at: number, column: Column): void {
  int64(target, index, bytes, at);
  if (target[index + 1] === DAY_HIGH && target[index] === DAY_LOW) notRepresentable(column, "the time 24:00:00");
}

/** Infinite times stay the greatest and the smallest number. */
function timestamp(target: Int32Array, index: number, bytes: Uint8Array, at: number, column: Column): void {
  const high = readInt32(bytes, at);
  const low = readInt32(bytes, at + 4);
  if ((high === INT32_MAX && low === -1) || (high === INT32_MIN && low === 0)) {
    target[index] = low;
    target[index + 1] = high;
  } else if (!putTimestamp(target, index, high, low)) {
    notRepresentable(column, "a time after 294247-01-10 04:00:54.775806");
  }
}

/** Wire: microseconds, days, months. Arrow: months, days, nanoseconds. */
function interval(target: Int32Array, index: number, bytes: Uint8Array, at: number, column: Column): void {
  const low = (readInt32(bytes, at + 4) >>> 0) * 1000;
  const high = readInt32(bytes, at) * 1000 + Math.floor(low / 0x1_0000_0000);
  if (high > INT32_MAX || high < INT32_MIN) {
    notRepresentable(column, "an interval that is infinite, or whose hours are more than 292 years");
  }
  target[index] = readInt32(bytes, at + 12);
  target[index + 1] = readInt32(bytes, at + 8);
  target[index + 2] = low % 0x1_0000_0000;
  target[index + 3] = high;
}

function shorts(): Storage {
  let memory = new ArrayBuffer(0);
  let target = new Int16Array(memory);
  return {
    width: 2,
    put: (bytes, at, row) => {
      target[row] = readUint16(bytes, at);
    },
    putMany: (source, places, from, to, row) => manyInt16(target, row, source, places, from, to),
    grow: (rows) => {
      memory = new ArrayBuffer(rows * 2);
      const larger = new Int16Array(memory);
      larger.set(target);
      target = larger;
    },
    filled: (rows) => new Uint8Array(memory, 0, rows * 2),
  };
}

/** The same bytes on both sides. */
function uuids(): Storage {
  let target = NONE;
  return {
    width: UUID_BYTES,
    put: (bytes, at, row) => target.set(bytes.subarray(at, at + UUID_BYTES), row * UUID_BYTES),
    putMany: (source, places, from, to, row) => manyUuids(target, row, source, places, from, to),
    grow: (rows) => {
      const larger = new Uint8Array(rows * UUID_BYTES);
      larger.set(target);
      target = larger;
    },
    filled: (rows) => target.subarray(0, rows * UUID_BYTES),
  };
}

function bits(): Storage {
  let target = NONE;
  return {
    width: 1,
    put: (bytes, at, row) => putBit(target, row, bytes[at] === 1),
    putMany: (source, places, from, to, row) => manyBools(target, row, source, places, from, to),
    grow: (rows) => {
      const larger = new Uint8Array(rows >> 3);
      larger.set(target);
      target = larger;
    },
    filled: (rows) => target.subarray(0, (rows + 7) >> 3),
  };
}
