/**
 * Messages to PostgreSQL, protocol 3.0. https://www.postgresql.org/docs/18/protocol-message-formats.html
 *
 * All parameters are in text format.
 */
import { Buffer } from "node:buffer";

const CANCEL_REQUEST = 80_877_102;
const SSL_REQUEST = 80_877_103;
const PROTOCOL_3_0 = 196_608;

export const SSL_REQUEST_MESSAGE = int32s(8, SSL_REQUEST);
export const TERMINATE = message("X", "");
export const COPY_REFUSED = message("f", "a statement may not copy from its caller\0");
/** Execute the unnamed portal without a row limit, then Sync. */
const EXECUTE_AND_SYNC = Buffer.concat([message("E", "\0\0\0\0\0"), message("S", "")]);

/** How a statement's results are asked for: the end of Bind, and the messages after it. */
export type ResultForm = { readonly formats: Buffer; readonly after: Buffer };
/** In text format, and without their description. */
export const AS_TEXT: ResultForm = { formats: int16s(0), after: EXECUTE_AND_SYNC };
/** In text format, with more statements to come before the Sync that ends the transaction. */
export const IN_PIPELINE: ResultForm = { formats: int16s(0), after: message("E", "\0\0\0\0\0") };
/** In binary format, their columns described before the first row. */
export const AS_BINARY: ResultForm = {
  formats: int16s(1, 1),
  after: Buffer.concat([message("D", "P\0"), EXECUTE_AND_SYNC]),
};

/** CancelRequest: sent on a connection of its own, with what BackendKeyData gave. */
export function cancelRequest(processId: number, secret: number): Buffer {
  return int32s(16, CANCEL_REQUEST, processId, secret);
}

/** StartupMessage of protocol 3.0. */
export function startup(parameters: Readonly<Record<string, string>>): Buffer {
  const pairs = Object.entries(parameters).map(([name, value]) => `${name}\0${value}\0`);
  const body = Buffer.from(`${pairs.join("")}\0`);
  return Buffer.concat([int32s(8 + body.length, PROTOCOL_3_0), body]);
}

/** A message of a type and a body that is text or bytes. */
export function message(type: string, body: string | Buffer): Buffer {
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  const whole = Buffer.allocUnsafe(5 + bytes.length);
  whole.write(type, 0, "latin1");
  whole.writeInt32BE(4 + bytes.length, 1);
  bytes.copy(whole, 5);
  return whole;
}

/** Parameter types are left to the server. */
export function parse(name: string, text: string): Buffer {
  if (text.includes("\0")) throw new TypeError("a statement holds a zero byte");
  return message("P", `${name}\0${text}\0\0\0`);
}

/** Close of a prepared statement. */
export function closeStatement(name: string): Buffer {
  return message("C", `S${name}\0`);
}

function int16s(...numbers: number[]): Buffer {
  const bytes = Buffer.allocUnsafe(2 * numbers.length);
  for (const [index, number] of numbers.entries()) bytes.writeInt16BE(number, 2 * index);
  return bytes;
}

function int32s(...numbers: number[]): Buffer {
  const bytes = Buffer.allocUnsafe(4 * numbers.length);
  for (const [index, number] of numbers.entries()) bytes.writeInt32BE(number | 0, 4 * index);
  return bytes;
}
