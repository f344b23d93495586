/** One operation as an Arrow table: bytes are made when the reader asks for them, batch by batch. */
import { joined, type MakeFraming } from "../../core/columnar/framing.ts";
import type { ExtensionTypes } from "../../core/columnar/schema-message.ts";
import type { BatchLimits } from "../../core/columnar/table-encoder.ts";
import type { TableEncoders } from "../../core/columnar/table-encoders.ts";
import type { OperationRequest } from "../../core/operations.ts";
import type { Layout } from "../../core/sql/exports/flat.ts";
import { TABLE } from "../../core/sql/exports/table.ts";
import type { BulkResult } from "../../ports/bulk-reader.ts";
import { begin, type Chunk } from "./chunks.ts";
import { type ExportParts, openRows, type PreparedExport, tooManyRows } from "./export-parts.ts";

export type ArrowOptions = {
  readonly makeFraming: MakeFraming;
  readonly layout: Layout;
  readonly extensionTypes: ExtensionTypes;
};

/**
 * Its bytes are the messages of an Arrow IPC stream or file. When the database fails in the middle the iteration throws: a
 * table without its end marker is never whole.
 *
 * @throws RequestFailed
 */
export function prepareArrow(
  parts: ExportParts,
  request: OperationRequest,
  { makeFraming, layout, extensionTypes }: ArrowOptions,
): PreparedExport {
  const { operations, rowsMax, fingerprint } = parts;
  const { whole, part, range: form } = TABLE[layout];
  const { made, statement, plan } = operations.prepareAs(whole, request);
  const { name, columns, heads, encoders } = made;
  const metadata = {
    "fraiseql.name": name,
    "fraiseql.operation": request.query,
    ...(request.operationName ? { "fraiseql.operationName": request.operationName } : {}),
    ...(fingerprint === undefined ? {} : { "fraiseql.schema": fingerprint }),
  };
  const ranged = made.ranged?.(statement);
  const range = ranged && { form, limit: ranged.limit };
  return {
    statement,
    plan,
    ranged,
    begin: async (options) => {
      const result = await openRows(parts, request, { whole: statement, part, range, plan, columns }, options);
      const schema = { metadata, extensionTypes };
      const framing = makeFraming({ columns, head: heads(schema) }, schema);
      return begin(batches(framing, encoders, result, rowsMax));
    },
  };
}

/** The first batch is small, to be there soon; later ones are larger, for each costs the same whatever its size. */
const FIRST_ROWS = 1_024;
/** A batch is held three times while it is sent: in the columns, as a message, and by the runtime. */
const LIMITS: BatchLimits = { rowsMax: 8_192, bytesMax: 1_048_576 };
/** Smaller pieces are joined to one. */
const JOINED_BYTES_MAX = 65_536;

async function* batches(
  framing: ReturnType<MakeFraming>,
  encoders: TableEncoders,
  result: BulkResult,
  tableRowsMax: number,
): AsyncGenerator<Chunk> {
  const encoder = encoders.take();
  let isWhole = false;
  let rows = 0;
  /** What was made and not sent. */
  let made: readonly Uint8Array[] = [framing.head];
  const take = (): void => {
    rows += encoder.rows();
    if (rows > tableRowsMax) throw tooManyRows(tableRowsMax);
    const batch = encoder.take();
    framing.placed(batch);
    made = [...made, batch];
  };
  const sent = (): Uint8Array => {
    const bytes = joined(made);
    made = [];
    return bytes;
  };
  try {
    let limits: BatchLimits = { ...LIMITS, rowsMax: FIRST_ROWS };
    for (let bytes = await result.read(); bytes; bytes = await result.read()) {
      let at = 0;
      while (at < bytes.length) {
        at = encoder.append(bytes, at, limits);
        if (!encoder.isFull(limits)) continue;
        take();
        yield { bytes: sent(), isLast: false };
        limits = LIMITS;
      }
    }
    isWhole = true;
    if (encoder.rows() > 0) take();
    encoders.give(encoder);
    if (made.some(({ length }) => length > JOINED_BYTES_MAX)) yield { bytes: sent(), isLast: false };
    made = [...made, framing.end()];
    yield { bytes: sent(), isLast: true };
  } finally {
    if (!isWhole) await result.close();
  }
}
