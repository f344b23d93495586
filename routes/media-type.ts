/** Media types as the GraphQL-over-HTTP specification uses them. https://graphql.github.io/graphql-over-http/draft/#sec-Media-Types */
import type { TableFormat } from "../src/flows/exports/export-table.ts";

export const JSON_TYPE = "application/json";
export const GRAPHQL_TYPE = "application/graphql-response+json";
export const HTML_TYPE = "text/html";

/** One document that is made as a whole. */
export type ResponseType = typeof JSON_TYPE | typeof GRAPHQL_TYPE | typeof HTML_TYPE;

/** Tables that are streamed. The first two are registered with IANA by Apache Arrow. */
export const TABLE_TYPES = {
  "application/vnd.apache.arrow.stream": "arrow-stream",
  "application/vnd.apache.arrow.file": "arrow-file",
  "application/x-ndjson": "ndjson",
  "text/csv": "csv",
} as const satisfies Record<string, TableFormat>;
export type TableType = keyof typeof TABLE_TYPES;

/** Whether a media type is that of an export. */
export const isTableType = (type: string): type is TableType => Object.hasOwn(TABLE_TYPES, type);

type Range = { readonly name: string; readonly quality: number };

/**
 * The type of the response, or undefined when the client accepts none we can give. Of several it is the one with the
 * highest `q`, then the one named first; types that only a wildcard takes come last. Tables are given to those who name
 * them. https://www.rfc-editor.org/rfc/rfc9110#section-12.5.1
 *
 * @param accept - the `Accept` header; absent means anything
 * @param offersHtml - whether a page may be the answer
 */
export function negotiate(accept: string | undefined, offersHtml: boolean): ResponseType | TableType | undefined {
  if (accept === undefined || accept === "*/*" || accept === JSON_TYPE) return JSON_TYPE;
  if (accept === GRAPHQL_TYPE || isTableType(accept)) return accept;
  const ranges = accept.split(",").flatMap(readRange);
  const named = ranges.flatMap(({ name }) => (isOffered(name, offersHtml) ? [name] : []));
  let best: ResponseType | TableType | undefined;
  let bestQuality = 0;
  for (const type of [...named, JSON_TYPE, GRAPHQL_TYPE, ...(offersHtml ? ([HTML_TYPE] as const) : [])] as const) {
    const quality = qualityOf(type, ranges);
    if (quality <= bestQuality) continue;
    best = type;
    bestQuality = quality;
  }
  return best;
}

function isOffered(name: string, offersHtml: boolean): name is ResponseType | TableType {
  return name === JSON_TYPE || name === GRAPHQL_TYPE || isTableType(name) || (offersHtml && name === HTML_TYPE);
}

/** Of the ranges that take a type, the narrowest counts. */
function qualityOf(type: ResponseType | TableType, ranges: readonly Range[]): number {
  const [group] = type.split("/");
  for (const name of [type, `${group}/*`, "*/*"]) {
    const found = ranges.find((range) => range.name === name);
    if (found) return found.quality;
  }
  return 0;
}

/** Nothing for a range that wants another character set than ours. */
function readRange(part: string): readonly Range[] {
  const [name = "", ...parameters] = part.split(";").map((piece) => piece.trim().toLowerCase());
  if (!inUtf8(parameters)) return [];
  const given = parameters.find((parameter) => parameter.startsWith("q="));
  const quality = given === undefined ? 1 : Number(given.slice(2));
  return [{ name, quality: Number.isFinite(quality) ? quality : 0 }];
}

/** Whether a `Content-Type` is JSON in UTF-8; the only body we read. */
export function isJson(contentType: string | undefined): boolean {
  if (contentType === JSON_TYPE) return true;
  const [type, ...parameters] = (contentType ?? "").split(";").map((piece) => piece.trim().toLowerCase());
  return type === JSON_TYPE && inUtf8(parameters);
}

function inUtf8(parameters: readonly string[]): boolean {
  const charset = parameters.find((parameter) => parameter.startsWith("charset="))?.slice(8);
  return charset === undefined || /^"?utf-?8"?$/.test(charset);
}
