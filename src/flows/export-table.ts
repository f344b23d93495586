/** One operation as a table, from its text to the bytes of the body. */
import type { OperationRequest } from "../core/operations.ts";
import { type Answer, answerFailure } from "./answer-query.ts";
import { type ExportParts, exportArrow } from "./export-arrow.ts";

export type TableOutcome =
  /** Nothing was sent: an answer in JSON. */
  | { readonly kind: "refused"; readonly answer: Answer }
  | { readonly kind: "streamed"; readonly chunks: AsyncIterableIterator<Uint8Array> };

/** Never rejects; `chunks` throws when the database fails in the middle. */
export async function exportTable(
  parts: ExportParts,
  request: OperationRequest,
  options: { readonly signal?: AbortSignal } = {},
): Promise<TableOutcome> {
  try {
    return { kind: "streamed", chunks: await exportArrow(parts, request, options) };
  } catch (error) {
    return { kind: "refused", answer: answerFailure(error) };
  }
}
