import { tableFromIPC } from "@uwdata/flechette";
import { bytesOf, float, hex, type Logical, type LogicalTable, rowsOf, wholeNumber } from "./logical.ts";

/** What flechette makes of one column of one batch; its declarations leave out what lies in a batch of each type. */
type FlechetteBatch = {
  readonly length: number;
  readonly type: {
    readonly typeId: number;
    readonly bitWidth?: number;
    readonly stride?: number;
    readonly dictionary?: unknown;
  };
  readonly values: ArrayBufferView & Readonly<Record<number, number>>;
  readonly offsets: Int32Array | BigInt64Array;
  readonly children: readonly FlechetteBatch[];
  isValid(row: number): boolean;
  at(row: number): unknown;
  readonly nullCount: number;
  readonly validity?: Uint8Array;
};

const TYPE = {
  dictionary: -1,
  int: 2,
  float: 3,
  binary: 4,
  utf8: 5,
  bool: 6,
  decimal: 7,
  date: 8,
  time: 9,
  timestamp: 10,
  interval: 11,
  list: 12,
  struct: 13,
  fixed: 15,
  // Written by Polars.
  largeBinary: 19,
  largeUtf8: 20,
  largeList: 21,
} as const;

/** A stream as flechette reads it. Where it would make a double of a whole number, the column's buffer is read instead. */
export function readFlechette(stream: Uint8Array): LogicalTable {
  const table = tableFromIPC(stream, { useBigInt: true, useDecimalInt: true });
  const columns = table.children.map(({ data }) => data as unknown as readonly FlechetteBatch[]);
  const batches = (columns[0] ?? []).map(({ length }) => length);
  const rows = batches.flatMap((count, index) =>
    rowsOf(
      columns.map((column) => valuesOf(column[index] as FlechetteBatch)),
      count,
    ),
  );
  return { names: table.schema.fields.map(({ name }) => name), rows, batches };
}

function valuesOf(batch: FlechetteBatch): readonly Logical[] {
  const read = valueReader(batch);
  const isNull = (row: number): boolean => batch.nullCount > 0 && !batch.isValid(row);
  return Array.from({ length: batch.length }, (_, row) => (isNull(row) ? null : read(row)));
}

function valueReader(batch: FlechetteBatch): (row: number) => Logical {
  const { type, values, offsets, children } = batch;
  const whole = (width: number) => (row: number) => String(wholeNumber(bytesOf(values), row * width, width));
  switch (type.typeId) {
    case TYPE.bool:
      return (row) => batch.at(row) as boolean;
    case TYPE.float:
      return (row) => float(values[row] as number);
    case TYPE.int:
    case TYPE.decimal:
      return (row) => String(batch.at(row));
    case TYPE.date:
      return whole(4);
    case TYPE.time:
    case TYPE.timestamp:
      return whole(8);
    case TYPE.interval:
      return (row) => [
        String(wholeNumber(bytesOf(values), row * 16, 4)),
        String(wholeNumber(bytesOf(values), row * 16 + 4, 4)),
        String(wholeNumber(bytesOf(values), row * 16 + 8, 8)),
      ];
    case TYPE.utf8:
    case TYPE.largeUtf8:
    case TYPE.dictionary:
      return (row) => batch.at(row) as string;
    case TYPE.binary:
    case TYPE.largeBinary:
    case TYPE.fixed:
      return (row) => hex(batch.at(row) as Uint8Array);
    case TYPE.list:
    case TYPE.largeList: {
      const items = valuesOf(children[0] as FlechetteBatch);
      return (row) => items.slice(Number(offsets[row]), Number(offsets[row + 1]));
    }
    case TYPE.struct: {
      const fields = children.map((child) => valuesOf(child));
      return (row) => fields.map((field) => field[row] as Logical);
    }
    default:
      throw new TypeError(`no rule to read type ${type.typeId}`);
  }
}
