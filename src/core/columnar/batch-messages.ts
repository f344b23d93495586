/** The batches of one table: all have the same columns, so their metadata differ in numbers only. */
import { putInt64 } from "./flatbuffer.ts";
import { type BatchParts, layOut, putBuffers, recordBatchMessage } from "./message.ts";

/**
 * Makes the messages that `recordBatchMessage` does, of batches with the same columns. The first has its metadata built; each other
 * gets a copy with its own numbers, for to build them takes longer than the rows of a short table do.
 */
export function createBatchMessages(): (parts: BatchParts) => Uint8Array {
  let pattern: Pattern | undefined;
  return (parts) => {
    if (pattern) return filled(pattern, parts);
    const first = recordBatchMessage(parts);
    pattern = patternOf(first.slice(0, first.length - layOut(parts.buffers).bodyLength));
    return first;
  };
}

/** A message without its body, and where its numbers lie. */
type Pattern = {
  readonly head: Uint8Array;
  readonly bodyLength: number;
  readonly rows: number;
  readonly nodes: number;
  readonly buffers: number;
};

/** Source: https://github.com/apache/arrow/blob/main/format/Message.fbs */
function patternOf(head: Uint8Array): Pattern {
  const view = new DataView(head.buffer);
  /** A table says where its vtable is, and that, behind two lengths, where its fields are. */
  const field = (table: number, slot: number): number =>
    table + view.getUint16(table - view.getInt32(table, true) + 4 + 2 * slot, true);
  const target = (offset: number): number => offset + view.getInt32(offset, true);
  const elements = (vector: number): number => target(vector) + 4;
  const message = target(8);
  const batch = target(field(message, 2));
  return {
    head,
    bodyLength: field(message, 3),
    rows: field(batch, 0),
    nodes: elements(field(batch, 1)),
    buffers: elements(field(batch, 2)),
  };
}

function filled(pattern: Pattern, { rows, nodes, buffers }: BatchParts): Uint8Array {
  const { head } = pattern;
  const { places, bodyLength } = layOut(buffers);
  const whole = new Uint8Array(head.length + bodyLength);
  whole.set(head);
  const view = new DataView(whole.buffer);
  putInt64(view, pattern.bodyLength, bodyLength);
  putInt64(view, pattern.rows, rows);
  nodes.forEach(({ length, nullCount }, index) => {
    putInt64(view, pattern.nodes + 16 * index, length);
    putInt64(view, pattern.nodes + 16 * index + 8, nullCount);
  });
  places.forEach((value, index) => {
    putInt64(view, pattern.buffers + 8 * index, value);
  });
  putBuffers(whole, head.length, buffers, places);
  return whole;
}
