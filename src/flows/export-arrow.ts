/** One operation as a streamed Arrow table: bytes are made when the reader asks for them, batch by batch. */
import { END_OF_STREAM } from "../core/columnar/message.ts";
import { schemaMessage } from "../core/columnar/schema-message.ts";
import { createTableEncoder, dictionaryMessages, type TableEncoder } from "../core/columnar/table-encoder.ts";
import { FraiseqlError } from "../core/errors.ts";
import type { OperationRequest, Operations } from "../core/operations.ts";
import { TABLE } from "../core/sql/table.ts";
import type { BulkReader, BulkResult } from "../ports/bulk-reader.ts";

export type ExportParts = {
  readonly operations: Operations;
  readonly bulk: BulkReader;
  /** Off where the runtime refuses `new Function`. */
  readonly generateCode: boolean;
  /** A table with more rows is broken off with EXPORT_LIMIT. */
  readonly rowsMax: number;
};

/**
 * Resolves when the first rows are there, so that what PostgreSQL refuses is an error and not a broken stream; rejects
 * with `RequestFailed` or a `FraiseqlError`.
 *
 * @returns the messages of an Arrow IPC stream. Leaving the iteration early cancels the statement. When the database
 * fails in the middle the iteration throws: a table without its end marker is never whole.
 */
export async function exportArrow(
  { operations, bulk, generateCode, rowsMax }: ExportParts,
  request: OperationRequest,
  options: { readonly signal?: AbortSignal } = {},
): Promise<AsyncIterableIterator<Uint8Array>> {
  const { made, statement } = operations.prepareAs(TABLE, request);
  const { name, columns } = made;
  const result = await bulk.open(statement, options);
  try {
    const first = await result.read();
    const head = [
      schemaMessage(columns, { "fraiseql.name": name, "fraiseql.operation": request.query }),
      ...dictionaryMessages(columns),
    ];
    return batches(head, first, result, createTableEncoder(columns, { generateCode }), rowsMax);
  } catch (error) {
    await result.close();
    throw error;
  }
}

/** The first batch is small, to be there soon; later ones grow, for each costs the same whatever its size. */
const FIRST_ROWS = 2_048;
const GROWTH = 4;
const ROWS_MAX = 65_536;
const BATCH_BYTES_MAX = 32 * 1_048_576;

async function* batches(
  head: readonly Uint8Array[],
  first: Uint8Array | undefined,
  result: BulkResult,
  encoder: TableEncoder,
  tableRowsMax: number,
): AsyncGenerator<Uint8Array> {
  let isWhole = false;
  try {
    yield joined(head);
    let rowsMax = FIRST_ROWS;
    let rows = 0;
    for (let bytes = first; bytes; bytes = await result.read()) {
      let at = 0;
      while (at < bytes.length) {
        at = encoder.append(bytes, at, rowsMax);
        if (encoder.rows() < rowsMax && encoder.bytes() < BATCH_BYTES_MAX) continue;
        rows += encoder.rows();
        if (rows > tableRowsMax) throw tooManyRows(tableRowsMax);
        yield encoder.take();
        rowsMax = Math.min(rowsMax * GROWTH, ROWS_MAX);
      }
    }
    if (rows + encoder.rows() > tableRowsMax) throw tooManyRows(tableRowsMax);
    if (encoder.rows() > 0) yield encoder.take();
    isWhole = true;
    yield END_OF_STREAM;
  } finally {
    if (!isWhole) await result.close();
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function tooManyRows(limit: number): FraiseqlError {
  return new FraiseqlError("EXPORT_LIMIT", `The table has more than ${limit} rows; give the list a limit.`, {
    details: { limit },
  });
}
