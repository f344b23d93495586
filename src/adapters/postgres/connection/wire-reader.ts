/** Cuts what comes from a socket into messages, without copying those that lie in one chunk. */
import { Buffer } from "node:buffer";
import { FraiseqlError } from "../../../core/errors.ts";

/** `bytes` from `start` to `end` is the body of a message, without its type and length. It stays as it is for ever. */
export type OnMessage = (type: number, bytes: Buffer, start: number, end: number) => void;

const HEADER = 5;

/**
 * @param bytesMax - the longest message that is taken; of a longer one nothing is kept
 * @param onTooLong - gets RESPONSE_LIMIT for each such message; the rest of it is passed over, unless this throws
 * @returns the function that takes the chunks, in order; it throws what `onTooLong` does
 */
export function createReader(
  onMessage: OnMessage,
  bytesMax: number,
  onTooLong: (error: FraiseqlError) => void,
): (chunk: Buffer) => void {
  /** A message of which only `filled` bytes have come. It is allocated once, in its full length. */
  let partial: Buffer | undefined;
  let filled = 0;
  /** Less than a header. */
  let stub: Buffer | undefined;
  /** Bytes to come of a message that is passed over. */
  let passing = 0;

  return (received) => {
    let chunk = received;
    let at = 0;
    if (partial) {
      at = Math.min(partial.length - filled, chunk.length);
      chunk.copy(partial, filled, 0, at);
      filled += at;
      if (filled < partial.length) return;
      const whole = partial;
      partial = undefined;
      onMessage(whole[0] as number, whole, HEADER, whole.length);
    } else if (stub) {
      chunk = Buffer.concat([stub, chunk]);
      stub = undefined;
    } else if (passing > 0) {
      at = Math.min(passing, chunk.length);
      passing -= at;
    }
    while (chunk.length - at >= HEADER) {
      const length = 1 + chunk.readUInt32BE(at + 1);
      if (length > bytesMax) {
        onTooLong(tooLong(bytesMax));
        const end = Math.min(at + length, chunk.length);
        passing = length - (end - at);
        at = end;
        continue;
      }
      if (chunk.length - at < length) {
        partial = Buffer.allocUnsafeSlow(length);
        filled = chunk.copy(partial, 0, at);
        return;
      }
      onMessage(chunk[at] as number, chunk, at + HEADER, at + length);
      at += length;
    }
    if (at < chunk.length) stub = chunk.subarray(at);
  };
}

function tooLong(limit: number): FraiseqlError {
  return new FraiseqlError("RESPONSE_LIMIT", `The answer is longer than ${limit} bytes; ask for less.`, {
    details: { limit },
  });
}

export type Value = string | Uint8Array | null;

/** The values of a DataRow, as bytes or as text. */
export function readRow(bytes: Buffer, start: number, form: "bytes" | "text"): Value[] {
  const count = bytes.readUInt16BE(start);
  const row: Value[] = [];
  let at = start + 2;
  for (let index = 0; index < count; index += 1) {
    const length = bytes.readInt32BE(at);
    at += 4;
    if (length < 0) {
      row.push(null);
      continue;
    }
    row.push(form === "bytes" ? bytes.subarray(at, at + length) : bytes.toString("utf8", at, at + length));
    at += length;
  }
  return row;
}

/** What PostgreSQL reports of an error. */
export class ServerError extends Error {
  readonly sqlstate: string;
  /** ERROR leaves the connection usable, FATAL and PANIC do not. */
  readonly severity: string;
  /** The function of the server's source that raised it. */
  readonly routine: string;
  /** What the server was doing: for a value that came from us it names the parameter. */
  readonly context: string;
  /** More about it, in words that may hold values. */
  readonly detail: string;
  /** Of a violated constraint. */
  readonly constraint: string | undefined;
  readonly table: { readonly schema: string; readonly name: string } | undefined;
  readonly column: string | undefined;
  /** Of a domain that a value does not fit. */
  readonly dataType: { readonly schema: string; readonly name: string } | undefined;

  constructor(fields: ReadonlyMap<string, string>) {
    super(fields.get("M") ?? "PostgreSQL reported an error without a message");
    this.name = "ServerError";
    this.sqlstate = fields.get("C") ?? "XX000";
    this.severity = fields.get("V") ?? fields.get("S") ?? "ERROR";
    this.routine = fields.get("R") ?? "";
    this.context = fields.get("W") ?? "";
    this.detail = fields.get("D") ?? "";
    this.constraint = fields.get("n");
    const schema = fields.get("s");
    const inSchema = (name: string | undefined) =>
      schema !== undefined && name !== undefined ? { schema, name } : undefined;
    this.table = inSchema(fields.get("t"));
    this.dataType = inSchema(fields.get("d"));
    this.column = fields.get("c");
  }
}

/** The fields of an ErrorResponse whose body lies between the two places. */
export function readError(bytes: Buffer, start: number, end: number): ServerError {
  const fields = new Map<string, string>();
  for (const field of bytes.toString("utf8", start, end).split("\0")) fields.set(field.slice(0, 1), field.slice(1));
  return new ServerError(fields);
}
