/**
 * Messages of the Arrow IPC stream. Metadata is FlatBuffers, version 5 of the format; bodies are the columns' own
 * buffers. Source: https://arrow.apache.org/docs/format/Columnar.html#serialization-and-interprocess-communication-ipc
 */
import { createFlatBuffer, type FlatBuffer, type Offset, type Slot } from "./flatbuffer.ts";

export const VERSION_5 = 4;
const HEADERS = { schema: 1, dictionaryBatch: 2, recordBatch: 3 } as const;

/** Ends a stream. A reader that does not see it has a table that was cut off. */
export const END_OF_STREAM = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0);

/** Length and nulls of one column of a batch, in the order of the schema with children behind their parent. */
export type FieldNode = { readonly length: number; readonly nullCount: number };

export type BatchParts = {
  readonly rows: number;
  readonly nodes: readonly FieldNode[];
  /** Raw bytes; empty where a column has no nulls and so no bitmap. */
  readonly buffers: readonly Uint8Array[];
};

/** A batch of rows, body included. */
export function recordBatchMessage(parts: BatchParts): Uint8Array {
  return batchMessage(parts, (flat, batch) => ["recordBatch", batch(flat)]);
}

/** The whole of a dictionary: labels known beforehand are sent once and never grow. */
export function dictionaryMessage(id: number, parts: BatchParts): Uint8Array {
  return batchMessage(parts, (flat, batch) => {
    const data = batch(flat);
    return [
      "dictionaryBatch",
      flat.table([
        { slot: 0, kind: "int64", value: id },
        { slot: 1, kind: "offset", value: data },
      ]),
    ];
  });
}

/**
 * An encapsulated message up to its body, for which there is room.
 * https://arrow.apache.org/docs/format/Columnar.html#encapsulated-message-format
 */
export function message(flat: FlatBuffer, header: keyof typeof HEADERS, table: Offset, bodyLength: number): Uint8Array {
  const slots: readonly Slot[] = [
    { slot: 0, kind: "int16", value: VERSION_5 },
    { slot: 1, kind: "int8", value: HEADERS[header] },
    { slot: 2, kind: "offset", value: table },
    { slot: 3, kind: "int64", value: bodyLength },
  ];
  const metadata = flat.finish(flat.table(slots));
  const whole = new Uint8Array(8 + metadata.length + bodyLength);
  const view = new DataView(whole.buffer);
  view.setUint32(0, 0xffffffff, true);
  view.setInt32(4, metadata.length, true);
  whole.set(metadata, 8);
  return whole;
}

const padded = (length: number): number => (length + 7) & ~7;

type MakeHeader = (flat: FlatBuffer, batch: (flat: FlatBuffer) => Offset) => readonly [keyof typeof HEADERS, Offset];

/** Where buffers lie in a body, as pairs of place and length, and how long it is. */
export function layOut(buffers: BatchParts["buffers"]): {
  readonly places: readonly number[];
  readonly bodyLength: number;
} {
  const places: number[] = [];
  let bodyLength = 0;
  for (const { length } of buffers) {
    places.push(bodyLength, length);
    bodyLength += padded(length);
  }
  return { places, bodyLength };
}

/** Copies buffers to their `places` in the body that begins at `body`. */
export function putBuffers(
  whole: Uint8Array,
  body: number,
  buffers: BatchParts["buffers"],
  places: readonly number[],
): void {
  buffers.forEach((buffer, index) => {
    whole.set(buffer, body + (places[index * 2] as number));
  });
}

function batchMessage({ rows, nodes, buffers }: BatchParts, header: MakeHeader): Uint8Array {
  const { places, bodyLength } = layOut(buffers);
  const flat = createFlatBuffer();
  const [kind, table] = header(flat, (into) => {
    const bufferVector = into.longs(places, 2);
    const nodeVector = into.longs(
      nodes.flatMap(({ length, nullCount }) => [length, nullCount]),
      2,
    );
    return into.table([
      { slot: 0, kind: "int64", value: rows },
      { slot: 1, kind: "offset", value: nodeVector },
      { slot: 2, kind: "offset", value: bufferVector },
    ]);
  });
  const whole = message(flat, kind, table, bodyLength);
  putBuffers(whole, whole.length - bodyLength, buffers, places);
  return whole;
}
