/** The same operation as a table: its body is streamed, and what fails before the first byte is a GraphQL error. */
import type { OperationRequest } from "../src/core/operations.ts";
import { GRAPHQL_TYPE, type TableType } from "./media-type.ts";
import { answerResponse } from "./respond.ts";
import type { RouteParts } from "./route-parts.ts";
import { streamBody } from "./stream-body.ts";

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
  const outcome = await parts.table(operation, gone.signal);
  if (outcome.kind === "refused") {
    if (outcome.answer.fault !== undefined) parts.report(outcome.answer.fault);
    return answerResponse(outcome.answer, GRAPHQL_TYPE);
  }
  const body = streamBody(outcome.chunks, {
    abandoned: leave,
    failed: (error) => {
      if (!gone.signal.aborted) parts.report(error);
    },
  });
  return new Response(body, { headers: { "content-type": type, "cache-control": "no-store", vary: "accept" } });
}
