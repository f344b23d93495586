/**
 * What stands around the batches of a table. A stream is read from its beginning; a file repeats the schema at its end
 * and says where each batch lies, for readers that jump.
 * Source: https://arrow.apache.org/docs/format/Columnar.html#ipc-file-format
 */
import type { Column } from "./column.ts";
import { createFlatBuffer, type FlatBuffer, type Offset } from "./flatbuffer.ts";
import { END_OF_STREAM, VERSION_5 } from "./message.ts";
import { type SchemaOptions, schemaTable } from "./schema-message.ts";
import type { TableHead } from "./table-head.ts";

export type Framing = {
  readonly head: Uint8Array;
  /** Called for each batch, in order. */
  readonly placed: (batch: Uint8Array) => void;
  /** Only after the last batch: a reader that does not see it knows that rows are missing. */
  readonly end: () => Uint8Array;
};

export type FramedTable = { readonly columns: readonly Column[]; readonly head: TableHead };

export type MakeFraming = (table: FramedTable, options: SchemaOptions) => Framing;

/** Arrow's stream: the schema, the labels of enums, the batches, an end. */
export const streamFraming: MakeFraming = ({ head: { schema, dictionaries } }) => ({
  head: joined([schema, ...dictionaries]),
  placed: () => undefined,
  end: () => END_OF_STREAM,
});

/** `ARROW1`, padded where it stands at the beginning. */
const MAGIC = Uint8Array.of(0x41, 0x52, 0x52, 0x4f, 0x57, 0x31, 0, 0);

type Block = readonly [offset: number, metadataBytes: number, bodyBytes: number];

/**
 * Arrow's file: what the stream has, and behind it where each message lies.
 * https://arrow.apache.org/docs/format/Columnar.html#ipc-file-format
 */
export const fileFraming: MakeFraming = ({ columns, head: { schema, dictionaries: labels } }, options) => {
  let length = 0;
  const place = (message: Uint8Array): Block => {
    const metadataBytes = 8 + new DataView(message.buffer, message.byteOffset).getInt32(4, true);
    const block: Block = [length, metadataBytes, message.length - metadataBytes];
    length += message.length;
    return block;
  };
  length = MAGIC.length + schema.length;
  const dictionaries = labels.map(place);
  const batches: Block[] = [];
  return {
    head: joined([MAGIC, schema, ...labels]),
    placed: (batch) => {
      batches.push(place(batch));
    },
    end: () => {
      const flat = createFlatBuffer();
      const footer = flat.finish(footerTable(flat, schemaTable(flat, columns, options), dictionaries, batches));
      const size = new Uint8Array(4);
      new DataView(size.buffer).setInt32(0, footer.length, true);
      return joined([END_OF_STREAM, footer, size, MAGIC.subarray(0, 6)]);
    },
  };
};

/** Source: https://github.com/apache/arrow/blob/main/format/File.fbs */
function footerTable(
  flat: FlatBuffer,
  schema: Offset,
  dictionaries: readonly Block[],
  batches: readonly Block[],
): Offset {
  // The middle number of a block is an int32 with four bytes of padding behind it: the same bytes as a small int64.
  const dictionaryBlocks = flat.longs(dictionaries.flat(), 3);
  const batchBlocks = flat.longs(batches.flat(), 3);
  return flat.table([
    { slot: 0, kind: "int16", value: VERSION_5 },
    { slot: 1, kind: "offset", value: schema },
    { slot: 2, kind: "offset", value: dictionaryBlocks },
    { slot: 3, kind: "offset", value: batchBlocks },
  ]);
}

/** All parts in one array, which is the part itself where there is one only. */
export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts;
  if (only && parts.length === 1) return only;
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
