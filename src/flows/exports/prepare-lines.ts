/** One operation as lines of text, joined from the texts PostgreSQL makes of the rows. */
import type { Column } from "../../core/columnar/column.ts";
import { encodeUtf8 } from "../../core/columnar/utf8.ts";
import type { OperationRequest } from "../../core/operations.ts";
import type { Layout } from "../../core/sql/exports/flat.ts";
import { CSV_LINES, JSON_LINES } from "../../core/sql/exports/lines.ts";
import type { BulkResult } from "../../ports/bulk-reader.ts";
import { begin, type Chunk, type ExportParts, openRows, type PreparedExport, tooManyRows } from "./export-parts.ts";

export type LineFormat = {
  readonly forms: typeof JSON_LINES;
  readonly lineEnd: Uint8Array;
  /** What stands before the first row. */
  readonly head: (columns: readonly string[]) => string;
};

const LF = Uint8Array.of(0x0a);
const CRLF = Uint8Array.of(0x0d, 0x0a);

export const NDJSON: LineFormat = { forms: JSON_LINES, lineEnd: LF, head: () => "" };
/** Names of columns are GraphQL names: there is nothing in them to quote. */
export const CSV: LineFormat = {
  forms: CSV_LINES,
  lineEnd: CRLF,
  head: (columns) => `${columns.join(",")}\r\n`,
};

/** What each row of the result is. */
const LINE: readonly Column[] = [{ name: "line", type: { kind: "utf8" }, nullable: false, coordinate: "line" }];

/** @throws RequestFailed */
export function prepareLines(
  parts: ExportParts,
  request: OperationRequest,
  format: LineFormat,
  layout: Layout,
): PreparedExport {
  const { whole, part } = format.forms[layout];
  const { made, statement, plan } = parts.operations.prepareAs(whole, request);
  const head = encodeUtf8(format.head(made.columns));
  return {
    statement,
    plan,
    begin: async (options) => {
      const result = await openRows(parts, request, { whole: statement, part, columns: LINE }, options);
      return begin(lines(head, result, { lineEnd: format.lineEnd, rowsMax: parts.rowsMax }));
    },
  };
}

/** The first chunk is small, to be there soon; later ones are larger, for each costs the same whatever its size. */
const FIRST_BYTES = 16_384;
const CHUNK_BYTES = 65_536;

async function* lines(
  head: Uint8Array,
  result: BulkResult,
  { lineEnd, rowsMax }: { readonly lineEnd: Uint8Array; readonly rowsMax: number },
): AsyncGenerator<Chunk> {
  let isWhole = false;
  let rows = 0;
  let wanted = FIRST_BYTES;
  let chunk = new Uint8Array(Math.max(FIRST_BYTES, head.length));
  chunk.set(head);
  let filled = head.length;
  try {
    for (let bytes = await result.read(); bytes; bytes = await result.read()) {
      // A row loses its head of 11 bytes and gets one or two for the end of its line.
      if (filled + bytes.length > chunk.length) chunk = withRoom(chunk, filled, bytes.length);
      for (let at = 0; at < bytes.length; rows += 1) {
        const end = endOfRow(bytes, at);
        chunk.set(bytes.subarray(at + ROW_HEAD_BYTES, end), filled);
        filled += end - at - ROW_HEAD_BYTES;
        chunk.set(lineEnd, filled);
        filled += lineEnd.length;
        at = end;
      }
      if (rows > rowsMax) throw tooManyRows(rowsMax);
      if (filled < wanted) continue;
      yield { bytes: chunk.subarray(0, filled), isLast: false };
      wanted = CHUNK_BYTES;
      chunk = new Uint8Array(CHUNK_BYTES);
      filled = 0;
    }
    isWhole = true;
    yield { bytes: chunk.subarray(0, filled), isLast: true };
  } finally {
    if (!isWhole) await result.close();
  }
}

/** Of a `DataRow` with one value: type, length, count of values, length of the value. */
const ROW_HEAD_BYTES = 11;

function endOfRow(bytes: Uint8Array, at: number): number {
  const length =
    ((bytes[at + 1] as number) << 24) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 8) |
    (bytes[at + 4] as number);
  return at + 1 + length;
}

function withRoom(chunk: Uint8Array, filled: number, more: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.max(2 * chunk.length, filled + more));
  larger.set(chunk.subarray(0, filled));
  return larger;
}
