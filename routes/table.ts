/** The same operation as a table: its body is streamed, and what fails before the first byte is a GraphQL error. */
import { FraiseqlError } from "../src/core/errors.ts";
import type { OperationRequest } from "../src/core/operations.ts";
import type { Exported, KeptExport } from "../src/flows/exports/chunks.ts";
import { acceptsZstd } from "./content-coding.ts";
import { matches } from "./entity-tag.ts";
import { GRAPHQL_TYPE, TABLE_TYPES, type TableType } from "./media-type.ts";
import { appliedHeader, readPreferences } from "./preferences.ts";
import { answerResponse } from "./respond.ts";
import type { RouteParts } from "./route-parts.ts";
import { type BodyEvents, streamBody } from "./stream-body.ts";

/** Names of columns stand in the first line. https://www.rfc-editor.org/rfc/rfc4180#section-3 */
const CONTENT_TYPES: Readonly<Partial<Record<TableType, string>>> = {
  "text/csv": "text/csv; charset=utf-8; header=present",
};
const VARY = "accept, accept-encoding, prefer";

/**
 * An operation as a table in the given form, streamed, or 304 where the client has it; its statement ends when the client
 * goes.
 */
export async function tableResponse(
  parts: RouteParts,
  request: Request,
  operation: OperationRequest,
  type: TableType,
): Promise<Response> {
  const gone = new AbortController();
  const leave = () => gone.abort();
  if (request.signal.aborted) leave();
  else request.signal.addEventListener("abort", leave, { once: true });
  parts.longAnswer?.(request, "begins");
  const made = () => parts.longAnswer?.(request, "is made");
  const known = request.headers.get("if-none-match");
  const { connections, columns, extensionTypes } = readPreferences(request.headers.get("prefer"));
  const outcome = await parts.table(operation, {
    format: TABLE_TYPES[type],
    signal: gone.signal,
    coding: acceptsZstd(request.headers.get("accept-encoding")) ? "zstd" : undefined,
    connections,
    layout: columns,
    extensionTypes,
    // A tag is about what a URL stands for, and a POST has its operation in the body.
    tagged: request.method === "GET" ? { isCurrent: (tag) => known !== null && matches(known, tag) } : undefined,
  });
  if (outcome.kind !== "exported" || "whole" in outcome.exported || !outcome.exported.rest) made();
  switch (outcome.kind) {
    case "refused":
      if (outcome.answer.fault !== undefined) parts.report(outcome.answer.fault);
      return answerResponse(outcome.answer, GRAPHQL_TYPE);
    case "unchanged":
      return new Response(null, { status: 304, headers: keptHeaders(outcome.tag) });
    case "exported": {
      const { exported, tag } = outcome;
      const headers = {
        "content-type": CONTENT_TYPES[type] ?? type,
        ...keptHeaders(tag),
        ...(exported.coding ? { "content-encoding": exported.coding } : {}),
        ...appliedHeader({
          ...(columns && { columns }),
          ...(extensionTypes && TABLE_TYPES[type].startsWith("arrow") && { extensionTypes }),
          ...(outcome.connections && { connections: outcome.connections }),
        }),
      };
      const failed = (error: unknown) => {
        // What PostgreSQL said is in the cause, where there is one.
        if (!gone.signal.aborted) parts.report(error instanceof FraiseqlError ? (error.cause ?? error) : error);
      };
      return new Response(bodyOf(exported, { abandoned: leave, made, failed }), { headers });
    }
  }
}

function bodyOf(exported: Exported | KeptExport, events: BodyEvents): BodyInit {
  if ("whole" in exported) return exported.whole;
  const { first, rest } = exported;
  return rest ? streamBody(first, rest, events) : (first as BodyInit);
}

/** A client may keep what has a tag, for itself, and asks each time whether it still holds. */
function keptHeaders(tag: string | undefined): Record<string, string> {
  if (tag === undefined) return { "cache-control": "no-store", vary: VARY };
  return { "cache-control": "private, no-cache", etag: tag, vary: VARY };
}
