/**
 * What a reader of Arrow finds in a table, without the reader's own taste: numbers are texts of their digits, decimals
 * their digits without the point, dates days and times microseconds since 1970, bytes hexadecimal digits, intervals
 * `[months, days, nanoseconds]`, records and lists arrays.
 */
export type Logical = null | boolean | string | readonly Logical[];

export type LogicalTable = {
  readonly names: readonly string[];
  readonly rows: readonly (readonly Logical[])[];
  /** Rows of each batch. */
  readonly batches: readonly number[];
};

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
}

/** Minus zero is another number than zero. */
export function float(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

/** A whole number in two's complement, `width` bytes from the least to the most valued. */
export function wholeNumber(bytes: Uint8Array, at: number, width: number): bigint {
  let value = 0n;
  for (let index = width - 1; index >= 0; index -= 1) value = (value << 8n) | BigInt(bytes[at + index] as number);
  return BigInt.asIntN(width * 8, value);
}

export function bytesOf(values: ArrayBufferView): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** Columns of each batch, turned into rows. */
export function rowsOf(columns: readonly (readonly Logical[])[], count: number): readonly (readonly Logical[])[] {
  return Array.from({ length: count }, (_, row) => columns.map((column) => column[row] as Logical));
}
