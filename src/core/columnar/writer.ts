/**
 * Writers take values from PostgreSQL's binary form and lay them into Arrow's buffers. One writer belongs to one column;
 * `append` makes no object, string or BigInt for a value. Formats of the wire are those of PostgreSQL's `…send` functions.
 */
import { FraiseqlError } from "../errors.ts";
import type { Column } from "./column.ts";
import type { FieldNode } from "./message.ts";

/** Rows as they came, and their numbers read at once: engines take four bytes of a view by one instruction. */
export type Source = { readonly bytes: Uint8Array; readonly view: DataView };

export function sourceOf(bytes: Uint8Array): Source {
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) };
}

export type Writer = {
  /** Reads an int32 length and so many bytes at `at`, appends the value, and gives the position behind it. */
  readonly append: (bytes: Uint8Array, at: number) => number;
  /**
   * Appends the values at `places[from]` up to `places[to - 1]` as long as they are of the usual kind, in a loop an engine makes
   * machine code of; gives how many it took, and `append` takes the next.
   */
  readonly appendPlain?: (source: Source, places: Int32Array, from: number, to: number) => number;
  /** A slot whose value means nothing, below a null parent. */
  readonly appendEmpty: () => void;
  /** Pushes the column's node and buffers, children behind it, and forgets the rows; buffers are valid until the next `append`. */
  readonly take: (nodes: FieldNode[], buffers: Uint8Array[]) => void;
  /** Bytes the buffers hold, to end a batch before it grows too large. */
  readonly bytes: () => number;
};

export const NONE = new Uint8Array(0);

/** Big-endian, as all numbers on the wire are. Nothing is checked: `at` has to leave four bytes. */
export function readInt32(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)
  );
}

/** Big-endian; `at` has to leave two bytes. */
export function readUint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
}

/** Which slots of a column hold a value. The bitmap is made at the first null: most batches have none. */
export type Validity = {
  readonly markNull: (row: number) => void;
  readonly take: (rows: number, nodes: FieldNode[], buffers: Uint8Array[]) => void;
};

/** Every bit stands for a value until its slot is null, so that values cost nothing. */
const ALL = 0xff;
const START_BYTES = 256;

/** Empty, for batch after batch: `take` begins the next one in the same memory. */
export function createValidity(): Validity {
  let bits = NONE;
  let nulls = 0;
  const room = (length: number): void => {
    if (length <= bits.length) return;
    const larger = new Uint8Array(Math.max(START_BYTES, bits.length * 2, length)).fill(ALL);
    larger.set(bits);
    bits = larger;
  };
  return {
    markNull: (row) => {
      // What an earlier batch left there.
      if (nulls === 0) bits.fill(ALL);
      room((row >> 3) + 1);
      bits[row >> 3] = (bits[row >> 3] as number) & ~(1 << (row & 7));
      nulls += 1;
    },
    take: (rows, nodes, buffers) => {
      nodes.push({ length: rows, nullCount: nulls });
      if (nulls === 0) {
        buffers.push(NONE);
        return;
      }
      const length = (rows + 7) >> 3;
      room(length);
      // Bits behind the last row are zero, so that the same rows are the same bytes.
      if ((rows & 7) !== 0) bits[length - 1] = (bits[length - 1] as number) & ((1 << (rows & 7)) - 1);
      buffers.push(bits.subarray(0, length));
      nulls = 0;
    },
  };
}

/** @throws FraiseqlError NOT_NULL_VIOLATED */
export function refuseNull({ coordinate }: Column): never {
  throw new FraiseqlError(
    "NOT_NULL_VIOLATED",
    `${coordinate} is declared non-null, but the database holds a null there.`,
  );
}

/** @throws FraiseqlError VALUE_NOT_REPRESENTABLE; `what` says which value, as `the time 24:00:00` */
export function notRepresentable({ coordinate }: Column, what: string): never {
  throw new FraiseqlError(
    "VALUE_NOT_REPRESENTABLE",
    `${coordinate} holds ${what}, which has no form in its column; leave it out with a filter, or ask for JSON.`,
  );
}

/** The artifact is held against the database at the start; this is a change since then. */
export function otherType({ coordinate }: Column): never {
  throw new FraiseqlError(
    "ARTIFACT_MISMATCH",
    `${coordinate} holds a value of another type than the schema says; compile it again.`,
  );
}
