import { type Data, RecordBatchReader, type Schema, Type } from "apache-arrow";
import { bytesOf, float, hex, type Logical, type LogicalTable, rowsOf, wholeNumber } from "./logical.ts";

export type ApacheTable = LogicalTable & { readonly schema: Schema };

/** A stream as the reference library reads it, taken from the buffers it finds for each column. */
export function readApacheArrow(stream: Uint8Array): ApacheTable {
  const reader = RecordBatchReader.from(stream).open();
  // Gone when the reader comes to the end.
  const { schema } = reader;
  const rows: (readonly Logical[])[] = [];
  const batches: number[] = [];
  for (const batch of reader) {
    // The library makes one of a stream that has none.
    if (batch.numRows === 0) continue;
    const columns = batch.data.children.map((data) => valuesOf(data));
    rows.push(...rowsOf(columns, batch.numRows));
    batches.push(batch.numRows);
  }
  return { names: schema.fields.map(({ name }) => String(name)), rows, batches, schema };
}

/** A column of one batch. */
export function valuesOf(data: Data): readonly Logical[] {
  const read = valueReader(data);
  return Array.from({ length: data.length }, (_, row) => (data.getValid(row) ? read(row) : null));
}

const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function valueReader(data: Data): (row: number) => Logical {
  const { values, valueOffsets } = data;
  const type = data.type as Data["type"] & { readonly bitWidth: number; readonly byteWidth: number };
  const slice = (row: number): Uint8Array => bytesOf(values).subarray(valueOffsets[row], valueOffsets[row + 1]);
  const whole = (width: number) => (row: number) => String(wholeNumber(bytesOf(values), row * width, width));
  switch (type.typeId) {
    case Type.Bool:
      return (row) => ((values[row >> 3] >> (row & 7)) & 1) === 1;
    case Type.Int:
      return whole(type.bitWidth / 8);
    case Type.Float:
      return (row) => float(values[row]);
    case Type.Decimal:
      return whole(type.bitWidth / 8);
    case Type.Date:
      return whole(4);
    case Type.Time:
    case Type.Timestamp:
      return whole(8);
    case Type.Interval:
      return (row) =>
        [
          [0, 4],
          [4, 4],
          [8, 8],
        ].map(([at = 0, width = 0]) => String(wholeNumber(bytesOf(values), row * 16 + at, width)));
    case Type.Utf8:
      return (row) => text.decode(slice(row));
    case Type.Binary:
      return (row) => hex(slice(row));
    case Type.FixedSizeBinary:
      return (row) => hex(bytesOf(values).subarray(row * type.byteWidth, (row + 1) * type.byteWidth));
    case Type.Dictionary: {
      const names = data.dictionary?.data.flatMap((part) => valuesOf(part)) ?? [];
      return (row) => names[values[row]] ?? null;
    }
    case Type.List: {
      const items = valuesOf(data.children[0] as Data);
      return (row) => items.slice(valueOffsets[row], valueOffsets[row + 1]);
    }
    case Type.Struct: {
      const fields = data.children.map((child) => valuesOf(child));
      return (row) => fields.map((field) => field[row] as Logical);
    }
    default:
      throw new TypeError(`no rule to read ${type}`);
  }
}
