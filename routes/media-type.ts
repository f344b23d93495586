/** Media types as the GraphQL-over-HTTP specification uses them. https://graphql.github.io/graphql-over-http/draft/#sec-Media-Types */

export const JSON_TYPE = "application/json";
export const GRAPHQL_TYPE = "application/graphql-response+json";
export const HTML_TYPE = "text/html";

export const ARROW_STREAM_TYPE = "application/vnd.apache.arrow.stream";

/** One document that is made as a whole. */
export type ResponseType = typeof JSON_TYPE | typeof GRAPHQL_TYPE | typeof HTML_TYPE;
/** A table that is streamed. */
export type TableType = typeof ARROW_STREAM_TYPE;

const TABLE_TYPES: ReadonlySet<string> = new Set([ARROW_STREAM_TYPE] satisfies TableType[]);

export const isTableType = (type: ResponseType | TableType): type is TableType => TABLE_TYPES.has(type);

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
  if (accept === GRAPHQL_TYPE) return GRAPHQL_TYPE;
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
  return name === JSON_TYPE || name === GRAPHQL_TYPE || TABLE_TYPES.has(name) || (offersHtml && name === HTML_TYPE);
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
