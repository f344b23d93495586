/** Writers of texts, bytes and labels. */
import type { Column, ColumnType } from "./column.ts";
import { manyTexts } from "./many-bytes.ts";
import { indexBytes } from "./schema-message.ts";
import { encodeUtf8 } from "./utf8.ts";
import { createValidity, NONE, otherType, readInt32, refuseNull, type Writer } from "./writer.ts";

const START_ROWS = 256;
const START_BYTES = 4_096;

/** Texts, JSON and bytes: offsets into one buffer. `skip` bytes at the start of a value are not part of it. */
export function bytesWriter(column: Column, skip: number): Writer {
  const validity = createValidity();
  let offsets = new Int32Array(START_ROWS);
  let data = new Uint8Array(START_BYTES);
  let rows = 0;
  let used = 0;

  const grow = (): void => {
    const larger = new Int32Array(offsets.length * 2);
    larger.set(offsets);
    offsets = larger;
  };
  const endRow = (): void => {
    rows += 1;
    if (rows >= offsets.length) grow();
    offsets[rows] = used;
  };
  const room = (length: number): void => {
    if (used + length <= data.length) return;
    const larger = new Uint8Array(Math.max(data.length * 2, used + length));
    larger.set(data.subarray(0, used));
    data = larger;
  };

  return {
    append: (bytes, at) => {
      const length = readInt32(bytes, at);
      if (length < 0) {
        if (!column.nullable) refuseNull(column);
        validity.markNull(rows);
        endRow();
        return at + 4;
      }
      const start = at + 4 + skip;
      const end = at + 4 + length;
      room(end - start);
      data.set(bytes.subarray(start, end), used);
      used += end - start;
      endRow();
      return end;
    },
    appendPlain: (source, places, from, to) => {
      while (rows + to - from >= offsets.length) grow();
      const taken = manyTexts({ data, offsets, row: rows, skip }, source, places, from, to);
      rows += taken;
      used = offsets[rows] as number;
      return taken;
    },
    appendEmpty: () => {
      if (column.nullable) validity.markNull(rows);
      endRow();
    },
    take: (nodes, buffers) => {
      validity.take(rows, nodes, buffers);
      buffers.push(new Uint8Array(offsets.buffer, 0, (rows + 1) * 4), data.subarray(0, used));
      rows = 0;
      used = 0;
    },
    bytes: () => used + rows * 4,
  };
}

/** Labels of an enum as indexes into the dictionary. A label the schema does not know is an error, not a null. */
export function dictionaryWriter(column: Column, type: Extract<ColumnType, { kind: "dictionary" }>): Writer {
  const find = labelFinder(type.labels);
  const width = indexBytes(type.labels.length);
  const validity = createValidity();
  let target = new DataView(new ArrayBuffer(START_ROWS * width));
  let rows = 0;
  const put = (index: number): void => {
    if ((rows + 1) * width > target.byteLength) {
      const larger = new Uint8Array(target.byteLength * 2);
      larger.set(new Uint8Array(target.buffer));
      target = new DataView(larger.buffer);
    }
    if (width === 1) target.setInt8(rows, index);
    else if (width === 2) target.setInt16(rows * 2, index, true);
    else target.setInt32(rows * 4, index, true);
    rows += 1;
  };
  return {
    append: (bytes, at) => {
      const length = readInt32(bytes, at);
      if (length < 0) {
        if (!column.nullable) refuseNull(column);
        validity.markNull(rows);
        put(0);
        return at + 4;
      }
      const index = find(bytes, at + 4, length);
      if (index < 0) otherType(column);
      put(index);
      return at + 4 + length;
    },
    appendEmpty: () => {
      if (column.nullable) validity.markNull(rows);
      put(0);
    },
    take: (nodes, buffers) => {
      validity.take(rows, nodes, buffers);
      buffers.push(new Uint8Array(target.buffer, 0, rows * width));
      rows = 0;
    },
    bytes: () => rows * width,
  };
}

/** Finds a label by its bytes, without making a string: by length and a sum first, then byte by byte. */
function labelFinder(labels: readonly string[]): (bytes: Uint8Array, at: number, length: number) => number {
  const buckets = new Map<number, { readonly index: number; readonly bytes: Uint8Array }[]>();
  const keyOf = (bytes: Uint8Array, at: number, length: number): number => {
    let sum = length;
    for (let index = 0; index < length; index += 1) sum = (Math.imul(sum, 31) + (bytes[at + index] as number)) | 0;
    return sum;
  };
  labels.forEach((label, index) => {
    const bytes = encodeUtf8(label);
    const key = keyOf(bytes, 0, bytes.length);
    buckets.set(key, [...(buckets.get(key) ?? []), { index, bytes }]);
  });
  const equal = (label: Uint8Array, bytes: Uint8Array, at: number): boolean =>
    label.every((byte, index) => bytes[at + index] === byte);
  return (bytes, at, length) => {
    const found = buckets
      .get(keyOf(bytes, at, length))
      ?.find((each) => each.bytes.length === length && equal(each.bytes, bytes, at));
    return found ? found.index : -1;
  };
}

/** Buffers of a dictionary: its names as texts without nulls. */
export function dictionaryBuffers(names: readonly string[]): readonly Uint8Array[] {
  const texts = names.map(encodeUtf8);
  const offsets = new Int32Array(names.length + 1);
  texts.forEach((text, index) => {
    offsets[index + 1] = (offsets[index] as number) + text.length;
  });
  const data = new Uint8Array(offsets[names.length] as number);
  texts.forEach((text, index) => {
    data.set(text, offsets[index]);
  });
  return [NONE, new Uint8Array(offsets.buffer), data];
}
