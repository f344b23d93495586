/**
 * Cuts what comes from a socket into rows and messages. Rows stay together, as many whole ones as lie in a chunk, and
 * none is looked into beyond its head. Nothing the server says is believed before it is checked: no length makes us
 * allocate more than what has come.
 */
import { Buffer } from "node:buffer";
import { FraiseqlError } from "../../../core/errors.ts";
import { DATA_ROW, ROW_DESCRIPTION } from "../connection/message-types.ts";

export type Segment = {
  readonly type: number;
  /** Of `DATA_ROW`: one or more whole messages, back to back. Of all else: the body of one, without type and length. */
  readonly bytes: Buffer;
};

const HEADER = 5;
/** PostgreSQL's own limit for one value is 1 GiB; who asks for more than this in a row wants a file. */
const ROW_BYTES_MAX = 64 * 1_048_576;
/** Notices, errors, and the description of 1,600 columns. */
const MESSAGE_BYTES_MAX = 1_048_576;
const PARTIAL_BYTES_MIN = 1_024;
const NOTHING = Buffer.alloc(0);

/**
 * @param onSegment - called for each segment, in order
 * @returns the function that takes the chunks, in order; it throws a FraiseqlError at what is not the protocol
 */
export function createMessageCutter(onSegment: (segment: Segment) => void): (chunk: Buffer) => void {
  /** The beginning of a message whose end has not come. */
  let partial = NOTHING;
  let filled = 0;
  /** Columns of the rows to come; -1 before they were described. */
  let columnCount = -1;

  const checkRow = (bytes: Buffer, at: number): void => {
    if (bytes.readUInt16BE(at + HEADER) !== columnCount) throw notTheProtocol("a row has a wrong number of values");
  };
  const emit = (bytes: Buffer, start: number, end: number): void => {
    const type = bytes[start] as number;
    if (type === DATA_ROW) {
      checkRow(bytes, start);
      onSegment({ type, bytes: bytes.subarray(start, end) });
      return;
    }
    const body = bytes.subarray(start + HEADER, end);
    if (type === ROW_DESCRIPTION) {
      if (body.length < 2) throw notTheProtocol("a row description is cut off");
      columnCount = body.readUInt16BE(0);
    }
    onSegment({ type, bytes: body });
  };
  /** Takes bytes of the chunk until the partial message has `wanted`; returns how many it took. */
  const fill = (chunk: Buffer, at: number, wanted: number): number => {
    const taken = Math.min(wanted - filled, chunk.length - at);
    if (filled + taken > partial.length) {
      const grown = Buffer.allocUnsafe(Math.min(wanted, Math.max(PARTIAL_BYTES_MIN, 2 * (filled + taken))));
      partial.copy(grown, 0, 0, filled);
      partial = grown;
    }
    chunk.copy(partial, filled, at, at + taken);
    filled += taken;
    return taken;
  };
  /** Goes on with the partial message; returns where in the chunk the next one begins. */
  const complete = (chunk: Buffer): number => {
    let at = 0;
    if (filled < HEADER) at = fill(chunk, 0, HEADER);
    if (filled < HEADER) return at;
    const length = lengthAt(partial, 0);
    at += fill(chunk, at, length);
    if (filled < length) return at;
    const whole = partial;
    partial = NOTHING;
    filled = 0;
    emit(whole, 0, length);
    return at;
  };

  return (chunk) => {
    let at = filled > 0 ? complete(chunk) : 0;
    while (at < chunk.length) {
      const start = at;
      let left = chunk.length - at;
      while (left >= HEADER && chunk[at] === DATA_ROW) {
        const length = lengthAt(chunk, at);
        if (length > left) break;
        checkRow(chunk, at);
        at += length;
        left -= length;
      }
      if (at > start) onSegment({ type: DATA_ROW, bytes: chunk.subarray(start, at) });
      if (left === 0) return;
      const length = left < HEADER ? HEADER : lengthAt(chunk, at);
      if (length > left || left < HEADER) {
        fill(chunk, at, length);
        return;
      }
      emit(chunk, at, at + length);
      at += length;
    }
  };
}

/** Length of the message at `at`, its type and length included. */
function lengthAt(bytes: Buffer, at: number): number {
  const length = 1 + bytes.readUInt32BE(at + 1);
  if (bytes[at] === DATA_ROW) {
    if (length < HEADER + 2) throw notTheProtocol("a row is shorter than its head");
    if (length > ROW_BYTES_MAX) {
      throw new FraiseqlError("DATABASE_ERROR", `A row is larger than ${ROW_BYTES_MAX} bytes; select less of it.`);
    }
    return length;
  }
  if (length < HEADER || length > MESSAGE_BYTES_MAX) throw notTheProtocol("a message has a length it cannot have");
  return length;
}

/** DATABASE_UNAVAILABLE, for bytes that no PostgreSQL sends; `why` is for the log. */
export function notTheProtocol(why: string): FraiseqlError {
  return new FraiseqlError(
    "DATABASE_UNAVAILABLE",
    "What answers is not PostgreSQL, or was disturbed on its way; check host and port of the connection URL.",
    { cause: new Error(why) },
  );
}
