/** From rows of PostgreSQL's binary protocol to the messages of an Arrow IPC stream. */
import type { Column } from "./column.ts";
import { decimalWriter } from "./decimal-writer.ts";
import { fixedWriter } from "./fixed-writers.ts";
import { dictionaryMessage, type FieldNode, recordBatchMessage } from "./message.ts";
import { listWriter, structWriter } from "./nested-writers.ts";
import { childrenOf } from "./schema-message.ts";
import { bytesWriter, dictionaryBuffers, dictionaryWriter } from "./variable-writers.ts";
import type { Writer } from "./writer.ts";

export type TableEncoder = {
  /** Appends whole `DataRow` messages from `at` on, at most until the batch has `rowsMax` rows; gives the position behind the last one taken. */
  readonly append: (bytes: Uint8Array, at: number, rowsMax: number) => number;
  readonly rows: () => number;
  readonly bytes: () => number;
  /** The batch as one message; the encoder is empty afterwards. */
  readonly take: () => Uint8Array;
};

export type TableEncoderOptions = {
  /**
   * From the second batch on a loop written for this number of columns, which engines inline; one batch would not repay
   * it. Off where `new Function` is refused.
   */
  readonly generateCode: boolean;
};

export function createTableEncoder(columns: readonly Column[], { generateCode }: TableEncoderOptions): TableEncoder {
  const writers = columns.map(writerOf);
  let appendRows = plainLoop(writers);
  let batches = 0;
  let rows = 0;
  return {
    append: (bytes, at, rowsMax) => {
      if (batches === 1 && rows === 0 && generateCode) appendRows = generatedLoop(writers);
      let position = at;
      while (position < bytes.length && rows < rowsMax) {
        position = appendRows(bytes, position);
        rows += 1;
      }
      return position;
    },
    rows: () => rows,
    bytes: () => writers.reduce((sum, writer) => sum + writer.bytes(), 0),
    take: () => {
      const nodes: FieldNode[] = [];
      const buffers: Uint8Array[] = [];
      for (const writer of writers) writer.take(nodes, buffers);
      const whole = recordBatchMessage({ rows, nodes, buffers });
      rows = 0;
      batches += 1;
      return whole;
    },
  };
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

type AppendRow = (bytes: Uint8Array, at: number) => number;

/** A `DataRow`: type byte, length, count of columns, then the columns. */
const HEADER_BYTES = 7;

function plainLoop(writers: readonly Writer[]): AppendRow {
  const appends = writers.map(({ append }) => append);
  return (bytes, at) => {
    let position = at + HEADER_BYTES;
    for (const append of appends) position = append(bytes, position);
    return position;
  };
}

/** The same with one call for each column: a call site that always meets the same function is inlined. */
function generatedLoop(writers: readonly Writer[]): AppendRow {
  const names = writers.map((_, index) => `append${index}`);
  const calls = names.map((name) => `at = ${name}(bytes, at);`).join("\n");
  const make = new Function(...names, `return (bytes, at) => {\nat += ${HEADER_BYTES};\n${calls}\nreturn at;\n};`);
  return make(...writers.map(({ append }) => append)) as AppendRow;
}

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
