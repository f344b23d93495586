/** `POST /graphql` and `GET /graphql`: GraphQL over HTTP. */
import { FraiseqlError } from "../src/core/errors.ts";
import { graphiql } from "./graphiql.ts";
import { longAnswerResponse } from "./long-answer.ts";
import {
  GRAPHQL_TYPE,
  HTML_TYPE,
  isTableType,
  JSON_TYPE,
  negotiate,
  type ResponseType,
  TABLE_TYPES,
  type TableType,
} from "./media-type.ts";
import { readGet, readPost, readWriting } from "./read-request.ts";
import { answerResponse, errorResponse } from "./respond.ts";
import type { RouteParts } from "./route-parts.ts";
import { tableResponse } from "./table.ts";

/** `POST /graphql`: an operation in the body, answered as JSON or as a table, whichever the client accepts. */
export async function postGraphql(parts: RouteParts, request: Request): Promise<Response> {
  const type = negotiate(request.headers.get("accept") ?? undefined, false);
  if (type === undefined) return notAcceptable();
  try {
    const operation = await readPost(request, parts.bodyBytesMax);
    if (isTableType(type)) return await tableResponse(parts, request, operation, type);
    const answer = await parts.answer(operation, request, () => readWriting(request.headers));
    if (answer.fault !== undefined) parts.report(answer.fault);
    return "rest" in answer ? longAnswerResponse(parts, request, answer, type) : answerResponse(answer, type);
  } catch (error) {
    return refusal(error, type);
  }
}

/** `GET /graphql`: a query in the URL, or GraphiQL for who accepts pages. */
export async function getGraphql(parts: RouteParts, request: Request): Promise<Response> {
  // Hono hands it on as a GET. Without a body the runtimes would say that its length is 0, which clients believe.
  if (request.method === "HEAD") return otherMethod("HEAD");
  const type = negotiate(request.headers.get("accept") ?? undefined, parts.showsGraphiql);
  if (type === undefined) return notAcceptable();
  if (type === HTML_TYPE) return graphiql();
  try {
    const operation = readGet(request.url);
    if (isTableType(type)) return await tableResponse(parts, request, operation, type);
    const answer = await parts.answer(operation, request);
    if (answer.fault !== undefined) parts.report(answer.fault);
    return "rest" in answer ? longAnswerResponse(parts, request, answer, type) : answerResponse(answer, type);
  } catch (error) {
    return refusal(error, type);
  }
}

/** 405, with the methods that there are. */
export function otherMethod(method: string): Response {
  const error = new FraiseqlError("METHOD_NOT_ALLOWED", `${method} is not allowed here; use POST or GET.`);
  return errorResponse(error, JSON_TYPE, { allow: "GET, POST" });
}

function refusal(error: unknown, type: ResponseType | TableType): Response {
  if (error instanceof FraiseqlError) return errorResponse(error, isTableType(type) ? GRAPHQL_TYPE : type);
  throw error;
}

function notAcceptable(): Response {
  const types = [GRAPHQL_TYPE, JSON_TYPE, ...Object.keys(TABLE_TYPES)];
  const message = `The Accept header takes none of ${types.join(", ")}.`;
  return errorResponse(new FraiseqlError("NOT_ACCEPTABLE", message), JSON_TYPE);
}
