/** A table of logical values through our own encoder, as a stream. */
import type { Column } from "../../../src/core/columnar/column.ts";
import { END_OF_STREAM } from "../../../src/core/columnar/message.ts";
import { type ExtensionTypes, type Metadata, schemaMessage } from "../../../src/core/columnar/schema-message.ts";
import { createTableEncoder, dictionaryMessages } from "../../../src/core/columnar/table-encoder.ts";
import type { Logical } from "./logical.ts";
import { dataRow } from "./wire-rows.ts";

type EncodeOptions = {
  readonly batchRows?: number;
  readonly metadata?: Metadata;
  readonly extensionTypes?: ExtensionTypes;
  /** Rows as they come from the server, instead of those of the logical values. */
  readonly wire?: Buffer;
};

/** The messages one by one, the end marker last. */
export function encodeMessages(
  columns: readonly Column[],
  rows: readonly (readonly Logical[])[],
  { batchRows = 2_048, metadata = {}, extensionTypes = "named", wire = rowsOnWire(columns, rows) }: EncodeOptions = {},
): readonly Uint8Array[] {
  const encoder = createTableEncoder(columns);
  const messages = [schemaMessage(columns, { metadata, extensionTypes }), ...dictionaryMessages(columns)];
  let at = 0;
  while (at < wire.length) {
    at = encoder.append(wire, at, { rowsMax: batchRows, bytesMax: Number.POSITIVE_INFINITY });
    if (encoder.rows() === batchRows || at === wire.length) messages.push(encoder.take());
  }
  return [...messages, END_OF_STREAM];
}

function rowsOnWire(columns: readonly Column[], rows: readonly (readonly Logical[])[]): Buffer {
  return Buffer.concat(rows.map((row) => dataRow(columns, row)));
}

export function encode(...parameters: Parameters<typeof encodeMessages>): Uint8Array {
  return Buffer.concat(encodeMessages(...parameters));
}

export function column(name: string, type: Column["type"], nullable = true): Column {
  return { name, type, nullable, coordinate: `Table.${name}` };
}
