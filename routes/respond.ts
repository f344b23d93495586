/** The one place where answers and errors become HTTP responses. */
import { ERRORS, type FraiseqlError, retryAfterSeconds } from "../src/core/errors.ts";
import type { Answer } from "../src/flows/answers/answer.ts";
import { GRAPHQL_TYPE, JSON_TYPE, type ResponseType } from "./media-type.ts";

/** Made once: read from an object, they would be checked anew for each answer. */
const HEADERS = {
  [JSON_TYPE]: new Headers({ "content-type": `${JSON_TYPE}; charset=utf-8` }),
  [GRAPHQL_TYPE]: new Headers({ "content-type": `${GRAPHQL_TYPE}; charset=utf-8` }),
};
const headersOf = (type: ResponseType): Headers => HEADERS[type === GRAPHQL_TYPE ? GRAPHQL_TYPE : JSON_TYPE];

/**
 * The body goes out as it is. Under `application/json` a document that was refused is still a 200, as older clients
 * expect; a fault of the server is never one, so that proxies and health checks see it.
 */
export function answerResponse(answer: Answer, type: ResponseType, body: BodyInit = answer.body as BodyInit): Response {
  const status = type === GRAPHQL_TYPE || answer.isOfHttp || answer.status >= 500 ? answer.status : 200;
  const response = new Response(body, { status, headers: headersOf(type) });
  if (status === 405) response.headers.set("allow", "POST");
  if (answer.retryAfterSeconds !== undefined) response.headers.set("retry-after", String(answer.retryAfterSeconds));
  return response;
}

/** A request that never became an operation: its status is the same under every media type. */
export function errorResponse(
  error: FraiseqlError,
  type: ResponseType,
  more: Readonly<Record<string, string>> = {},
): Response {
  const { status } = ERRORS[error.code];
  const body = { errors: [{ message: error.message, extensions: { ...error.details, code: error.code } }] };
  const response = new Response(JSON.stringify(body), { status, headers: headersOf(type) });
  // The message may repeat words of the request.
  response.headers.set("x-content-type-options", "nosniff");
  const seconds = retryAfterSeconds(error.code);
  if (seconds !== undefined) response.headers.set("retry-after", String(seconds));
  for (const [name, value] of Object.entries(more)) response.headers.set(name, value);
  return response;
}
