/** From rows of PostgreSQL's binary protocol to the messages of an Arrow IPC stream. */
import { createBatchMessages } from "./batch-messages.ts";
import type { Column } from "./column.ts";
import { decimalWriter } from "./decimal-writer.ts";
import { fixedWriter } from "./fixed-writers.ts";
import { dictionaryMessage, type FieldNode } from "./message.ts";
import { listWriter, structWriter } from "./nested-writers.ts";
import { childrenOf } from "./schema-message.ts";
import { bytesWriter, dictionaryBuffers, dictionaryWriter } from "./variable-writers.ts";
import { type Source, sourceOf, type Writer } from "./writer.ts";

/** What ends a batch: rows, or bytes of them, as they came or as they are laid out. */
export type BatchLimits = { readonly rowsMax: number; readonly bytesMax: number };

export type TableEncoder = {
  /** Appends whole `DataRow` messages from `at` on, at most until the batch is full; gives the position behind the last one taken. */
  readonly append: (bytes: Uint8Array, at: number, limits: BatchLimits) => number;
  readonly rows: () => number;
  /** At the same row whatever the pieces in which rows come: the same rows are the same bytes. */
  readonly isFull: (limits: BatchLimits) => boolean;
  /** The batch as one message; the encoder is empty afterwards. */
  readonly take: () => Uint8Array;
};

/** Rows whose places are found before their columns are laid out one after the other; their bytes stay in a near cache. */
const BLOCK_ROWS = 128;

export function createTableEncoder(columns: readonly Column[]): TableEncoder {
  const writers = columns.map(writerOf);
  const messageOf = createBatchMessages();
  const places = new Int32Array(BLOCK_ROWS * writers.length);
  let rows = 0;
  let wireBytes = 0;
  const isFull = ({ rowsMax, bytesMax }: BatchLimits): boolean =>
    rows >= rowsMax ||
    wireBytes >= bytesMax ||
    // Nulls take more room than they took on the wire. It is looked at after whole blocks.
    (rows % BLOCK_ROWS === 0 && writers.reduce((sum, writer) => sum + writer.bytes(), 0) >= bytesMax);
  /** Finds the places of one row's values; gives the position behind it. */
  const locate = (view: DataView, at: number, row: number): number => {
    let position = at + HEADER_BYTES;
    for (let slot = row; slot < places.length; slot += BLOCK_ROWS) {
      places[slot] = position;
      const length = view.getInt32(position);
      position += length < 0 ? 4 : 4 + length;
    }
    return position;
  };
  return {
    append: (bytes, at, limits) => {
      const source = sourceOf(bytes);
      let position = at;
      while (position < bytes.length && !isFull(limits)) {
        const wanted = Math.min(BLOCK_ROWS - (rows % BLOCK_ROWS), limits.rowsMax - rows);
        const start = position;
        const end = Math.min(bytes.length, start + limits.bytesMax - wireBytes);
        let count = 0;
        for (; count < wanted && position < end; count += 1) position = locate(source.view, position, count);
        wireBytes += position - start;
        writers.forEach((writer, column) => {
          appendAll(writer, source, places, column * BLOCK_ROWS, count);
        });
        rows += count;
      }
      return position;
    },
    rows: () => rows,
    isFull,
    take: () => {
      const nodes: FieldNode[] = [];
      const buffers: Uint8Array[] = [];
      for (const writer of writers) writer.take(nodes, buffers);
      const whole = messageOf({ rows, nodes, buffers });
      rows = 0;
      wireBytes = 0;
      return whole;
    },
  };
}

/** Values of the usual kind in one go, and each other by itself. */
function appendAll(writer: Writer, source: Source, places: Int32Array, from: number, count: number): void {
  const end = from + count;
  let at = from;
  while (at < end) {
    if (writer.appendPlain) at += writer.appendPlain(source, places, at, end);
    if (at < end) writer.append(source.bytes, places[at++] as number);
  }
}

function writerOf(column: Column): Writer {
  const { type } = column;
  switch (type.kind) {
    case "utf8":
    case "bytes":
      return bytesWriter(column, 0);
    case "json":
      return bytesWriter(column, type.versioned ? 1 : 0);
    case "dictionary":
      return dictionaryWriter(column, type);
    case "decimal":
      return decimalWriter(column, type);
    case "list":
      return listWriter(column, type, writerOf(type.item));
    case "struct":
      return structWriter(column, type, type.fields.map(writerOf));
    default:
      return fixedWriter(column);
  }
}

/** A `DataRow`: type byte, length, count of columns, then the columns. */
const HEADER_BYTES = 7;

/** The dictionaries of a stream, in the order in which the schema numbers them. */
export function dictionaryMessages(columns: readonly Column[]): readonly Uint8Array[] {
  const dictionaries: (readonly string[])[] = [];
  const visit = ({ type }: Column): void => {
    if (type.kind === "dictionary") dictionaries.push(type.names);
    for (const child of childrenOf(type)) visit(child);
  };
  for (const column of columns) visit(column);
  return dictionaries.map((names, id) =>
    dictionaryMessage(id, {
      rows: names.length,
      nodes: [{ length: names.length, nullCount: 0 }],
      buffers: dictionaryBuffers(names),
    }),
  );
}
