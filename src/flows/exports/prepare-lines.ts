/** One operation as lines of text, joined from the texts PostgreSQL makes of the rows. */
import type { Column } from "../../core/columnar/column.ts";
import { encodeUtf8 } from "../../core/columnar/utf8.ts";
import type { OperationRequest } from "../../core/operations.ts";
import type { Layout } from "../../core/sql/exports/flat.ts";
import { CSV_LINES, JSON_LINES } from "../../core/sql/exports/lines.ts";
import { begin } from "./chunks.ts";
import { type ExportParts, openRows, type PreparedExport, tooManyRows } from "./export-parts.ts";
import { joinedRows } from "./joined-rows.ts";

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

const NOTHING = new Uint8Array(0);

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
      const result = await openRows(parts, request, { whole: statement, part, plan, columns: LINE }, options);
      const check = ({ rows }: { readonly rows: number }): void => {
        if (rows > parts.rowsMax) throw tooManyRows(parts.rowsMax);
      };
      const tail = (rows: number): Uint8Array => (rows > 0 ? format.lineEnd : NOTHING);
      return begin(joinedRows(result, { head, between: format.lineEnd, tail, check }));
    },
  };
}
