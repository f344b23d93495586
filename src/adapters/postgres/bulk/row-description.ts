import type { Buffer } from "node:buffer";
import type { BulkColumn } from "../../../ports/bulk-reader.ts";
import { notTheProtocol } from "./message-cutter.ts";

/** Table, column number, type, size, type modifier, format: what follows the name of a column. */
const FIXED_BYTES = 18;
const BINARY = 1;

/** @param body - a RowDescription without its header. https://www.postgresql.org/docs/18/protocol-message-formats.html */
export function readRowDescription(body: Buffer): readonly BulkColumn[] {
  const columns: BulkColumn[] = [];
  let at = 2;
  for (let left = body.readUInt16BE(0); left > 0; left -= 1) {
    const end = body.indexOf(0, at);
    if (end < 0 || end + 1 + FIXED_BYTES > body.length) throw notTheProtocol("a row description is cut off");
    columns.push({
      name: body.toString("utf8", at, end),
      typeOid: body.readUInt32BE(end + 7),
      typeModifier: body.readInt32BE(end + 13),
    });
    if (body.readInt16BE(end + 17) !== BINARY) throw notTheProtocol("a column comes in text format");
    at = end + 1 + FIXED_BYTES;
  }
  if (at !== body.length) throw notTheProtocol("a row description is longer than its columns");
  return columns;
}
