/** From an HTTP request to the four parameters of a GraphQL request. */
import { FraiseqlError } from "../src/core/errors.ts";
import type { OperationRequest } from "../src/core/operations.ts";
import type { Writing } from "../src/flows/answers/answer-query.ts";
import { isJson } from "./media-type.ts";

/**
 * @param bytesMax - the longest body that is read; a longer one is refused while it arrives
 * @throws FraiseqlError UNSUPPORTED_MEDIA_TYPE, PAYLOAD_TOO_LARGE, REQUEST_CANCELLED, REQUEST_ERROR
 */
export async function readPost(request: Request, bytesMax: number): Promise<OperationRequest> {
  if (!isJson(request.headers.get("content-type") ?? undefined)) {
    throw new FraiseqlError(
      "UNSUPPORTED_MEDIA_TYPE",
      "Send the request as JSON, with the header `content-type: application/json`.",
    );
  }
  const text = await readText(request, bytesMax);
  try {
    return asOperationRequest(parseJson(text, "The body is not JSON."));
  } catch (error) {
    if (!request.headers.has("content-encoding")) throw error;
    // A few compressed bytes can become gigabytes, so none are taken.
    throw new FraiseqlError("UNSUPPORTED_MEDIA_TYPE", "Send the body without content-encoding.", { cause: error });
  }
}

const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** What the headers of a request say to a mutation. Of a trace that is not written as it should be nothing is taken on. */
export function readWriting(headers: Headers): Writing {
  const traceparent = headers.get("traceparent") ?? "";
  return {
    traceparent: TRACEPARENT.test(traceparent) ? traceparent : undefined,
    idempotencyKey: headers.get("idempotency-key") ?? undefined,
  };
}

/** @throws FraiseqlError REQUEST_ERROR */
export function readGet(url: string): OperationRequest {
  // Of the rest of a URL not all is known to be well-formed: Deno makes it of whatever the `Host` header holds.
  const parameters = new URLSearchParams(url.slice(url.indexOf("?") + 1 || url.length));
  for (const name of ["query", "operationName", "variables", "extensions"]) {
    if (parameters.getAll(name).length > 1) throw refused(`The parameter ${name} is given more than once.`);
  }
  const json = (name: string) => {
    const text = parameters.get(name);
    return text === null || text === "" ? undefined : parseJson(text, `The parameter ${name} is not JSON.`);
  };
  return asOperationRequest({
    query: parameters.get("query") ?? undefined,
    operationName: parameters.get("operationName") ?? undefined,
    variables: json("variables"),
    extensions: json("extensions"),
  });
}

/**
 * The body as text.
 *
 * @throws FraiseqlError PAYLOAD_TOO_LARGE; REQUEST_CANCELLED where the body ends before its end
 */
export function readText(request: Request, bytesMax: number): Promise<string> {
  const announced = request.headers.get("content-length");
  if (announced === null) return readCounted(request, bytesMax).catch(brokenOff);
  // The runtimes read exactly as many bytes as announced, so a short body needs no counting.
  return Number(announced) <= bytesMax ? request.text().catch(brokenOff) : Promise.reject(tooLarge(bytesMax));
}

async function readCounted(request: Request, bytesMax: number): Promise<string> {
  if (!request.body) return "";
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of request.body as unknown as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > bytesMax) throw tooLarge(bytesMax);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function parseJson(text: string, otherwise: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new FraiseqlError("REQUEST_ERROR", otherwise, { cause });
  }
}

function asOperationRequest(value: unknown): OperationRequest {
  if (Array.isArray(value)) {
    throw refused("Batches are not supported: send one operation per request, with several root fields if you like.");
  }
  if (!isRecord(value)) throw refused("The body is not a JSON object with a `query`.");
  const { query, operationName, variables, extensions } = value;
  if (query === undefined || query === null) throw refused("The request has no `query`.");
  if (typeof query !== "string") throw refused("`query` is not a string.");
  if (!isAbsent(operationName) && typeof operationName !== "string") throw refused("`operationName` is not a string.");
  if (!isAbsent(variables) && !isRecord(variables)) throw refused("`variables` is not a JSON object.");
  if (!isAbsent(extensions) && !isRecord(extensions)) throw refused("`extensions` is not a JSON object.");
  return {
    query,
    ...(typeof operationName === "string" ? { operationName } : {}),
    ...(isRecord(variables) ? { variables } : {}),
  };
}

const isAbsent = (value: unknown): value is undefined | null => value === undefined || value === null;

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function refused(message: string): FraiseqlError {
  return new FraiseqlError("REQUEST_ERROR", message);
}

/** A runtime fails to read a body for no other reason than that there is no more of it. */
function brokenOff(cause: unknown): never {
  if (cause instanceof FraiseqlError) throw cause;
  throw new FraiseqlError("REQUEST_CANCELLED", "The body of the request did not come to its end.", { cause });
}

function tooLarge(bytesMax: number): FraiseqlError {
  return new FraiseqlError("PAYLOAD_TOO_LARGE", `The body is longer than ${bytesMax} bytes.`, {
    details: { limit: bytesMax },
  });
}
