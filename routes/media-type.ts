/** Media types as the GraphQL-over-HTTP specification uses them. https://graphql.github.io/graphql-over-http/draft/#sec-Media-Types */

export const JSON_TYPE = "application/json";
export const GRAPHQL_TYPE = "application/graphql-response+json";
export const HTML_TYPE = "text/html";

export type ResponseType = typeof JSON_TYPE | typeof GRAPHQL_TYPE | typeof HTML_TYPE;

/**
 * The type of the response, or undefined when the client accepts none we can give. Of several it is the one with the
 * highest `q`, then the one named first; `*` stands for `application/json`.
 *
 * @param accept - the `Accept` header; absent means anything
 * @param offersHtml - whether a page may be the answer
 */
export function negotiate(accept: string | undefined, offersHtml: boolean): ResponseType | undefined {
  if (accept === undefined || accept === "*/*" || accept === JSON_TYPE) return JSON_TYPE;
  if (accept === GRAPHQL_TYPE) return GRAPHQL_TYPE;
  let best: ResponseType | undefined;
  let bestQuality = 0;
  for (const part of accept.split(",")) {
    const [range = "", ...parameters] = part.split(";").map((piece) => piece.trim().toLowerCase());
    const type = offered(range, offersHtml);
    const quality = qualityOf(parameters);
    if (type === undefined || quality <= bestQuality || !inUtf8(parameters)) continue;
    best = type;
    bestQuality = quality;
  }
  return best;
}

function offered(range: string, offersHtml: boolean): ResponseType | undefined {
  if (range === "*/*" || range === "application/*") return JSON_TYPE;
  if (range === JSON_TYPE || range === GRAPHQL_TYPE) return range;
  return offersHtml && (range === HTML_TYPE || range === "text/*") ? HTML_TYPE : undefined;
}

function qualityOf(parameters: readonly string[]): number {
  const given = parameters.find((parameter) => parameter.startsWith("q="));
  const quality = given === undefined ? 1 : Number(given.slice(2));
  return Number.isFinite(quality) ? quality : 0;
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
