/** The one place where answers and errors become HTTP responses. */
import { ERRORS, type FraiseqlError } from "../src/core/errors.ts";
import type { Answer } from "../src/flows/answers/answer.ts";
import { GRAPHQL_TYPE, JSON_TYPE, type ResponseType } from "./media-type.ts";

const JSON_HEADERS = { "content-type": `${JSON_TYPE}; charset=utf-8` };
const GRAPHQL_HEADERS = { "content-type": `${GRAPHQL_TYPE}; charset=utf-8` };

/** Seconds after which a client may try again what failed for want of the database. */
export const RETRY_AFTER_SECONDS = 1;

/**
 * The body goes out as it is. Under `application/json` a document that was refused is still a 200, as older clients
 * expect; a fault of the server is never one, so that proxies and health checks see it.
 */
export function answerResponse(answer: Answer, type: ResponseType, body: BodyInit = answer.body as BodyInit): Response {
  const graphqlType = type === GRAPHQL_TYPE;
  const status = graphqlType || answer.isOfHttp || answer.status >= 500 ? answer.status : 200;
  const plain = graphqlType ? GRAPHQL_HEADERS : JSON_HEADERS;
  const headers = status === 405 ? { ...plain, allow: "POST" } : plain;
  if (answer.retryAfterSeconds === undefined) return new Response(body, { status, headers });
  return new Response(body, {
    status,
    headers: { ...headers, "retry-after": String(answer.retryAfterSeconds) },
  });
}

/** A request that never became an operation: its status is the same under every media type. */
export function errorResponse(error: FraiseqlError, type: ResponseType, headers?: Record<string, string>): Response {
  const { status, retryable } = ERRORS[error.code];
  const body = { errors: [{ message: error.message, extensions: { ...error.details, code: error.code } }] };
  return new Response(JSON.stringify(body), {
    status,
    headers: {
      ...(type === GRAPHQL_TYPE ? GRAPHQL_HEADERS : JSON_HEADERS),
      // The message may repeat words of the request.
      "x-content-type-options": "nosniff",
      ...(retryable && status === 503 ? { "retry-after": String(RETRY_AFTER_SECONDS) } : {}),
      ...headers,
    },
  });
}
