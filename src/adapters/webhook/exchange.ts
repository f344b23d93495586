/** One HTTP exchange with addresses that were checked. Redirects are answers like any other. */
import type { LookupAddress } from "node:dns";
import { type Agent, type IncomingMessage, request as requestInClear } from "node:http";
import { request as requestOverTls } from "node:https";
import type { LookupFunction } from "node:net";

export type Exchange = {
  readonly url: URL;
  readonly addresses: readonly LookupAddress[];
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly agent: Agent;
  /** PEM of authorities that are trusted instead of the usual ones. */
  readonly authorities?: string | undefined;
  readonly signal: AbortSignal;
};

export type Answer = { readonly status: number; readonly retryAfter: string | undefined; readonly text: string };

const READ_BYTES_MAX = 65_536;
/** The status has said it all; the text of the answer is for people, and they do not wait longer for it. */
const READ_MS_MAX = 2_000;

/** @throws Error of the connection, or what the signal was aborted with before the receiver gave a status */
export function exchange({ url, addresses, agent, authorities, signal, ...rest }: Exchange): Promise<Answer> {
  const lookup: LookupFunction = (_host, options, found) => {
    const [first] = addresses;
    if (options.all) found(null, [...addresses]);
    else if (first) found(null, first.address, first.family);
    else found(new Error("no address"), "", 0);
  };
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const open = url.protocol === "https:" ? requestOverTls : requestInClear;
  const request = open(
    {
      host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
      port: url.port || undefined,
      path: url.pathname + url.search,
      method: rest.method,
      headers: { host: url.host, ...rest.headers, "content-length": String(Buffer.byteLength(rest.body)) },
      lookup,
      agent,
      ...(authorities === undefined ? {} : { ca: authorities }),
    },
    (response) => {
      signal.removeEventListener("abort", leave);
      readAnswer(response, signal).then(resolve);
    },
  );
  const leave = () => {
    reject(signal.reason);
    request.destroy();
  };
  request.on("error", reject);
  signal.addEventListener("abort", leave, { once: true });
  if (signal.aborted) leave();
  else request.end(rest.body);
  return promise.finally(() => signal.removeEventListener("abort", leave));
}

/** Never rejects: who has given a status has answered, even if the rest is too long, too slow or broken off. */
function readAnswer(response: IncomingMessage, signal: AbortSignal): Promise<Answer> {
  const { promise, resolve } = Promise.withResolvers<Answer>();
  const parts: Buffer[] = [];
  let bytes = 0;
  const done = () => {
    clearTimeout(timer);
    signal.removeEventListener("abort", leave);
    const text = Buffer.concat(parts).subarray(0, READ_BYTES_MAX).toString("utf8");
    resolve({ status: response.statusCode ?? 0, retryAfter: response.headers["retry-after"], text });
  };
  const leave = () => {
    done();
    response.destroy();
  };
  const timer = setTimeout(leave, READ_MS_MAX);
  signal.addEventListener("abort", leave, { once: true });
  response.on("data", (part: Buffer) => {
    parts.push(part);
    bytes += part.length;
    if (bytes >= READ_BYTES_MAX) leave();
  });
  response.on("end", done);
  response.on("error", done);
  response.on("close", done);
  return promise;
}
