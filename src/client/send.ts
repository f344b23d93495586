/** From a document to the server's response: one POST, made again where the server says that it may be. */
import { ClientError, GraphqlError, type GraphqlProblem } from "./errors.ts";
import { type Retry, retryAfterMs, wait } from "./retry.ts";

/** Headers for every request, or a function that gives them anew each time: for a token that expires. */
export type HeadersSource = HeadersInit | (() => HeadersInit | Promise<HeadersInit>);

/** What we ask of `fetch`; a stand-in for it needs no more. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export type Sender = {
  readonly url: string;
  readonly headers: HeadersSource;
  readonly fetch: Fetch;
  readonly retry: Retry;
};

export type Call = {
  readonly document: string;
  readonly variables: unknown;
  readonly accept: string;
  readonly signal: AbortSignal | undefined;
};

/**
 * Sends until `read` takes the response; what `read` throws decides with the response about the next attempt.
 *
 * @throws ClientError; or the signal's reason
 */
export async function send<T>(sender: Sender, call: Call, read: (response: Response) => T | Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await read(await post(sender, call));
    } catch (error) {
      call.signal?.throwIfAborted();
      const delay = mayRepeat(call.document) ? sender.retry.delayAfter(error, attempt) : undefined;
      if (delay === undefined) throw error;
      await wait(delay, call.signal);
    }
  }
}

/** A mutation that seemed to fail may have happened. A query that only speaks of one loses its second attempt. */
const mayRepeat = (document: string): boolean => !/\bmutation\b/.test(document);

async function post(sender: Sender, { document, variables, accept, signal }: Call): Promise<Response> {
  const { headers: source } = sender;
  const headers = new Headers(typeof source === "function" ? await source() : source);
  headers.set("accept", accept);
  headers.set("content-type", "application/json");
  const body = JSON.stringify({ query: document, variables: variables ?? {} });
  const init: RequestInit = { method: "POST", headers, body, signal: signal ?? null };
  try {
    return await sender.fetch(sender.url, init);
  } catch (cause) {
    throw unreachable(sender.url, cause);
  }
}

/** UNREACHABLE: there was no answer, or only the beginning of one. */
export function unreachable(url: string, cause: unknown): ClientError {
  return new ClientError("UNREACHABLE", `No answer came from ${url}, or it broke off.`, { cause });
}

export type Answer = { readonly data: unknown };

/** The body of a GraphQL response. @throws GraphqlError, ClientError UNEXPECTED_RESPONSE or UNREACHABLE */
export async function readAnswer(response: Response): Promise<Answer> {
  const text = await response.text().catch((cause) => {
    throw unreachable(response.url, cause);
  });
  const body = parsed(text);
  const options = { status: response.status, retryAfterMs: retryAfterMs(response.headers.get("retry-after")) };
  if (Array.isArray(body?.["errors"]))
    throw new GraphqlError(body["errors"] as GraphqlProblem[], body["data"], options);
  if (response.ok && body !== undefined && "data" in body) return { data: body["data"] };
  const message = `The answer is no GraphQL response (status ${response.status}); is the url that of the API?`;
  throw new ClientError("UNEXPECTED_RESPONSE", message, options);
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    // A page of a proxy, say: whoever asked says what was expected instead.
    return undefined;
  }
}
