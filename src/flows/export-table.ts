/** One operation as a table, from its text to the bytes of the body. */
import { fileFraming, streamFraming } from "../core/columnar/framing.ts";
import type { OperationRequest } from "../core/operations.ts";
import { type Answer, answerFailure } from "./answer-query.ts";
import { beginArrow } from "./export-arrow.ts";
import { beginLines, CSV, NDJSON } from "./export-lines.ts";
import type { Exported, ExportParts } from "./export-parts.ts";

export type TableFormat = "arrow-stream" | "arrow-file" | "ndjson" | "csv";

export type TableOptions = {
  readonly format: TableFormat;
  /** Aborts when the client goes away. */
  readonly signal: AbortSignal;
};

export type TableOutcome =
  /** Nothing was sent: an answer in JSON. */
  | { readonly kind: "refused"; readonly answer: Answer }
  /** Its `rest` throws when the database fails in the middle. */
  | { readonly kind: "exported"; readonly exported: Exported };

/** Never rejects. */
export async function exportTable(
  parts: ExportParts,
  request: OperationRequest,
  options: TableOptions,
): Promise<TableOutcome> {
  try {
    return { kind: "exported", exported: await beginAs(parts, request, options) };
  } catch (error) {
    return { kind: "refused", answer: answerFailure(error) };
  }
}

function beginAs(parts: ExportParts, request: OperationRequest, options: TableOptions): Promise<Exported> {
  switch (options.format) {
    case "arrow-stream":
      return beginArrow(parts, request, streamFraming, options);
    case "arrow-file":
      return beginArrow(parts, request, fileFraming, options);
    case "ndjson":
      return beginLines(parts, request, NDJSON, options);
    case "csv":
      return beginLines(parts, request, CSV, options);
  }
}
