/** The same operation as a table: its body is streamed, and what fails before the first byte is a GraphQL error. */
import type { OperationRequest } from "../src/core/operations.ts";
import { GRAPHQL_TYPE, TABLE_TYPES, type TableType } from "./media-type.ts";
import { answerResponse } from "./respond.ts";
import type { RouteParts } from "./route-parts.ts";
import { streamBody } from "./stream-body.ts";

/** Names of columns stand in the first line. https://www.rfc-editor.org/rfc/rfc4180#section-3 */
const CONTENT_TYPES: Readonly<Partial<Record<TableType, string>>> = {
  "text/csv": "text/csv; charset=utf-8; header=present",
};

export async function tableResponse(
  parts: RouteParts,
  { signal }: Request,
  operation: OperationRequest,
  type: TableType,
): Promise<Response> {
  const gone = new AbortController();
  const leave = () => gone.abort();
  if (signal.aborted) leave();
  else signal.addEventListener("abort", leave, { once: true });
  const outcome = await parts.table(operation, { format: TABLE_TYPES[type], signal: gone.signal });
  if (outcome.kind === "refused") {
    if (outcome.answer.fault !== undefined) parts.report(outcome.answer.fault);
    return answerResponse(outcome.answer, GRAPHQL_TYPE);
  }
  const { first, rest } = outcome.exported;
  const headers = { "content-type": CONTENT_TYPES[type] ?? type, "cache-control": "no-store", vary: "accept" };
  if (!rest) return new Response(first as BodyInit, { headers });
  const body = streamBody(first, rest, {
    abandoned: leave,
    failed: (error) => {
      if (!gone.signal.aborted) parts.report(error);
    },
  });
  return new Response(body, { headers });
}
