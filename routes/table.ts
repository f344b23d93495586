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

const VARY = "accept, accept-encoding, prefer";
/** Made once: read from an object, they would be checked anew for each table. */
const HEADERS: Readonly<Record<TableType, Headers>> = {
  "application/vnd.apache.arrow.stream": headersOf("application/vnd.apache.arrow.stream"),
  "application/vnd.apache.arrow.file": headersOf("application/vnd.apache.arrow.file"),
  "application/x-ndjson": headersOf("application/x-ndjson"),
  // Names of columns stand in the first line. https://www.rfc-editor.org/rfc/rfc4180#section-3
  "text/csv": headersOf("text/csv; charset=utf-8; header=present"),
};
/** Who goes away before a table is there is listened to after so long: the signal of a request costs more than a short table. */
const LISTENS_AFTER_MS = 25;

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
  const listen = () => {
    if (request.signal.aborted) leave();
    else request.signal.addEventListener("abort", leave, { once: true });
  };
  const late = setTimeout(listen, LISTENS_AFTER_MS);
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
  clearTimeout(late);
  if (outcome.kind !== "exported" || "whole" in outcome.exported || !outcome.exported.rest) made();
  switch (outcome.kind) {
    case "refused":
      if (outcome.answer.fault !== undefined) parts.report(outcome.answer.fault);
      return answerResponse(outcome.answer, GRAPHQL_TYPE);
    case "unchanged":
      return new Response(null, { status: 304, headers: { ...taggedHeaders(outcome.tag), vary: VARY } });
    case "exported": {
      const { exported, tag } = outcome;
      const more = {
        ...(tag === undefined ? {} : taggedHeaders(tag)),
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
      if ("rest" in exported) listen();
      const response = new Response(bodyOf(exported, { abandoned: leave, made, failed }), { headers: HEADERS[type] });
      for (const [name, value] of Object.entries(more)) response.headers.set(name, value);
      return response;
    }
  }
}

function bodyOf(exported: Exported | KeptExport, events: BodyEvents): BodyInit {
  if ("whole" in exported) return exported.whole;
  const { first, rest } = exported;
  return rest ? streamBody(first, rest, events) : (first as BodyInit);
}

function headersOf(type: string): Headers {
  return new Headers({ "content-type": type, "cache-control": "no-store", vary: VARY });
}

/** A client may keep what has a tag, for itself, and asks each time whether it still holds. */
function taggedHeaders(tag: string): Readonly<Record<string, string>> {
  return { "cache-control": "private, no-cache", etag: tag };
}
