/**
 * The few parts of FlatBuffers that Arrow's metadata needs, written from the end to the front as the format wants it.
 * Source: https://flatbuffers.dev/internals/
 */
import { encodeUtf8 } from "./utf8.ts";

/** Distance of an object from the end of the buffer. */
export type Offset = number;

/** A field of a table: its slot in the schema's order, and its value. Absent slots take the schema's default. */
export type Slot =
  | { readonly slot: number; readonly kind: "int8" | "int16" | "int32" | "offset"; readonly value: number }
  | { readonly slot: number; readonly kind: "int64"; readonly value: number };

const SIZES = { int8: 1, int16: 2, int32: 4, offset: 4, int64: 8 } as const;

export type FlatBuffer = {
  readonly text: (value: string) => Offset;
  readonly offsets: (values: readonly Offset[]) => Offset;
  /** A vector of structs of whole int64s, `width` numbers each. */
  readonly longs: (values: readonly number[], width: number) => Offset;
  readonly table: (slots: readonly Slot[]) => Offset;
  /** The finished bytes with `root` as their root table; the length is a multiple of 8. */
  readonly finish: (root: Offset) => Uint8Array;
};

/** Of a whole number below 2^53, little-endian; `at` has to leave eight bytes. */
export function putInt64(view: DataView, at: number, value: number): void {
  view.setInt32(at, value, true);
  view.setInt32(at + 4, Math.floor(value / 0x1_0000_0000), true);
}

export function createFlatBuffer(): FlatBuffer {
  let bytes = new Uint8Array(1024);
  let view = new DataView(bytes.buffer);
  let used = 0;

  const room = (size: number): void => {
    if (used + size <= bytes.length) return;
    const larger = new Uint8Array(Math.max(bytes.length * 2, used + size));
    larger.set(bytes.subarray(bytes.length - used), larger.length - used);
    bytes = larger;
    view = new DataView(bytes.buffer);
  };
  /** Pads so that after `size` more bytes the write position is a multiple of `alignment`. */
  const align = (alignment: number, size: number): void => {
    const padding = -(used + size) & (alignment - 1);
    room(padding + size);
    used += padding;
  };
  const push = (kind: keyof typeof SIZES, value: number): void => {
    const size = SIZES[kind];
    room(size);
    used += size;
    const at = bytes.length - used;
    if (kind === "int8") view.setInt8(at, value);
    else if (kind === "int16") view.setInt16(at, value, true);
    else if (kind === "int64") putInt64(view, at, value);
    else view.setInt32(at, kind === "offset" ? used - value : value, true);
  };

  return {
    text: (value) => {
      const encoded = encodeUtf8(value);
      align(4, encoded.length + 1 + 4);
      used += encoded.length + 1;
      bytes.fill(0, bytes.length - used, bytes.length - used + encoded.length + 1);
      bytes.set(encoded, bytes.length - used);
      push("int32", encoded.length);
      return used;
    },
    offsets: (values) => {
      align(4, 4 * values.length + 4);
      for (let index = values.length - 1; index >= 0; index -= 1) push("offset", values[index] as number);
      push("int32", values.length);
      return used;
    },
    longs: (values, width) => {
      align(4, 8 * values.length + 4);
      align(8, 8 * values.length);
      for (let index = values.length - 1; index >= 0; index -= 1) push("int64", values[index] as number);
      push("int32", values.length / width);
      return used;
    },
    table: (slots) => {
      const before = used;
      const places = new Map<number, number>();
      for (const { slot, kind, value } of slots.toSorted((a, b) => SIZES[b.kind] - SIZES[a.kind])) {
        align(SIZES[kind], SIZES[kind]);
        push(kind, value);
        places.set(slot, used);
      }
      align(4, 4);
      push("int32", 0);
      const table = used;
      const count = Math.max(0, ...slots.map(({ slot }) => slot + 1));
      align(2, 2 * count + 4);
      for (let slot = count - 1; slot >= 0; slot -= 1) {
        const place = places.get(slot);
        push("int16", place === undefined ? 0 : table - place);
      }
      push("int16", table - before);
      push("int16", 2 * count + 4);
      view.setInt32(bytes.length - table, used - table, true);
      return table;
    },
    finish: (root) => {
      align(8, 4);
      push("offset", root);
      return bytes.slice(bytes.length - used);
    },
  };
}
