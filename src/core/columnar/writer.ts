/**
 * Writers take values from PostgreSQL's binary form and lay them into Arrow's buffers. One writer belongs to one column;
 * `append` makes no object, string or BigInt for a value. Formats of the wire are those of PostgreSQL's `…send` functions.
 */
import { FraiseqlError } from "../errors.ts";
import type { Column } from "./column.ts";
import type { FieldNode } from "./message.ts";

export type Writer = {
  /** Reads an int32 length and so many bytes at `at`, appends the value, and gives the position behind it. */
  readonly append: (bytes: Uint8Array, at: number) => number;
  /**
   * Appends the values at `places[from]` up to `places[to - 1]` as long as they are of the usual kind, in a loop an engine makes
   * machine code of; gives how many it took, and `append` takes the next.
   */
  readonly appendPlain?: (bytes: Uint8Array, places: Int32Array, from: number, to: number) => number;
  /** A slot whose value means nothing, below a null parent. */
  readonly appendEmpty: () => void;
  /** Pushes the column's node and buffers, children behind it, and forgets the rows; buffers are valid until the next `append`. */
  readonly take: (nodes: FieldNode[], buffers: Uint8Array[]) => void;
  /** Bytes the buffers hold, to end a batch before it grows too large. */
  readonly bytes: () => number;
};

export const NONE = new Uint8Array(0);

export function readInt32(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)
  );
}

export function readUint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
}

/** Which slots of a column hold a value. The bitmap is made at the first null: most batches have none. */
export type Validity = {
  /** For a value, once the batch has a null. */
  readonly markValue: (row: number) => void;
  readonly markNull: (row: number) => void;
  readonly hasNulls: () => boolean;
  readonly take: (rows: number, nodes: FieldNode[], buffers: Uint8Array[]) => void;
};

export function createValidity(): Validity {
  let bits = NONE;
  let nulls = 0;
  const room = (row: number): void => {
    if (row >> 3 < bits.length) return;
    const larger = new Uint8Array(Math.max(256, bits.length * 2, (row >> 3) + 1));
    larger.set(bits);
    bits = larger;
  };
  return {
    markValue: (row) => {
      room(row);
      bits[row >> 3] = (bits[row >> 3] as number) | (1 << (row & 7));
    },
    markNull: (row) => {
      room(row);
      if (nulls === 0) {
        bits.fill(0xff, 0, row >> 3);
        bits[row >> 3] = (1 << (row & 7)) - 1;
        // Every later null is there already; only values are marked.
        bits.fill(0, (row >> 3) + 1);
      }
      nulls += 1;
    },
    hasNulls: () => nulls > 0,
    take: (rows, nodes, buffers) => {
      nodes.push({ length: rows, nullCount: nulls });
      buffers.push(nulls === 0 ? NONE : bits.subarray(0, (rows + 7) >> 3));
      nulls = 0;
      // The next batch starts with a bitmap of its own size; old bits are overwritten by `markNull`.
    },
  };
}

export function refuseNull({ coordinate }: Column): never {
  throw new FraiseqlError(
    "NOT_NULL_VIOLATED",
    `${coordinate} is declared non-null, but the database holds a null there.`,
  );
}

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
