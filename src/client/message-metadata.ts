/**
 * The head of an Arrow IPC message, as much of it as framing needs. It is a FlatBuffer: a table is a place, whose first
 * word leads back to a list of where its fields lie. Sources: https://flatbuffers.dev/internals/ and
 * https://github.com/apache/arrow/blob/main/format/Message.fbs
 */
export type MessageHead = {
  readonly kind: "schema" | "dictionary" | "batch";
  /** Rows of a batch; 0 for the others. */
  readonly rows: number;
  readonly bodyLength: number;
};

/** Numbers of the union `MessageHeader`. */
const KINDS = new Map([
  [1, "schema"],
  [2, "dictionary"],
  [3, "batch"],
] as const);

/** @throws RangeError where the bytes are no such head */
export function readMessageHead(metadata: Uint8Array): MessageHead {
  const view = new DataView(metadata.buffer, metadata.byteOffset, metadata.length);
  const message = view.getUint32(0, true);
  const kindAt = fieldAt(view, message, 1);
  const headerAt = fieldAt(view, message, 2);
  const kind = kindAt === undefined ? undefined : KINDS.get(view.getUint8(kindAt) as 1 | 2 | 3);
  if (kind === undefined || headerAt === undefined) throw new RangeError("a message of an unknown kind");
  const header = headerAt + view.getUint32(headerAt, true);
  return {
    kind,
    rows: kind === "batch" ? longAt(view, fieldAt(view, header, 0)) : 0,
    bodyLength: longAt(view, fieldAt(view, message, 3)),
  };
}

/** Where field number `field` of a table lies, or undefined where the table leaves it out. */
function fieldAt(view: DataView, table: number, field: number): number | undefined {
  const fields = table - view.getInt32(table, true);
  const entry = 4 + 2 * field;
  if (entry >= view.getUint16(fields, true)) return undefined;
  const distance = view.getUint16(fields + entry, true);
  return distance === 0 ? undefined : table + distance;
}

/** An int64, which is exact up to 2^53; an absent one is 0. */
function longAt(view: DataView, at: number | undefined): number {
  if (at === undefined) return 0;
  const value = view.getInt32(at + 4, true) * 2 ** 32 + view.getUint32(at, true);
  if (value < 0 || value > Number.MAX_SAFE_INTEGER) throw new RangeError(`a length of ${value}`);
  return value;
}
