/** From the text of an address to a place that may be dialled, or to why not. */
import type { LookupAddress } from "node:dns";
import { isIP } from "node:net";
import { isOpened, type Network, refusedAddress } from "./refused-address.ts";

export type Destination = { readonly url: URL; readonly addresses: readonly LookupAddress[] };
/** `permanent`: the address will never do. Otherwise its name could not be looked up now. */
export type NoDestination = { readonly reason: string; readonly permanent: boolean };

export type Reach = {
  readonly opened: readonly Network[];
  /** Ports of addresses outside of opened networks. */
  readonly ports: readonly number[];
  /** All addresses of a name. */
  readonly resolve: (host: string) => Promise<readonly LookupAddress[]>;
};

export const URL_LENGTH_MAX = 2_048;

/** Written in full: readers of URLs also take a host behind fewer or more slashes, a line end or a space. https://url.spec.whatwg.org/#special-authority-ignore-slashes-state */
const SCHEME_AND_HOST = /^https?:\/\/[^\s/\\?#]/i;

/** `.` and `..` between slashes, however they are written: they take away what stands before them. https://url.spec.whatwg.org/#double-dot-path-segment */
const DOT_SEGMENT = /[\\/](\.|%2e){1,2}(?=[\\/]|$)/i;

/** What is wrong with the address, whatever its name resolves to; undefined when nothing is. */
export function addressProblem(text: string): string | undefined {
  if (text.length > URL_LENGTH_MAX) return `expected at most ${URL_LENGTH_MAX} characters`;
  if (!URL.canParse(text)) return "expected an address such as https://example.com/hook";
  if (!SCHEME_AND_HOST.test(text)) return "expected https:// or http:// and then a host";
  const url = new URL(text);
  if (url.username !== "" || url.password !== "") return "expected an address without user and password";
  if (url.hash !== "") return "expected an address without #";
  // A value of a row may be one; encoded it would still be.
  if (DOT_SEGMENT.test(text.split("?", 1)[0] ?? "")) return "expected an address without . or .. between slashes";
  return undefined;
}

/**
 * Resolves the name and looks at every address it has: where one is refused nothing is sent, and what is dialled later are
 * these addresses, not the name, which may resolve to others by then.
 *
 * @throws what the signal was aborted with
 */
export async function findDestination(
  text: string,
  reach: Reach,
  signal: AbortSignal,
): Promise<Destination | NoDestination> {
  const problem = addressProblem(text);
  if (problem !== undefined) return { reason: `The address is not one of a webhook: ${problem}.`, permanent: true };
  const url = new URL(text);
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const addresses = await lookUp(host, reach, signal);
  if (!("length" in addresses)) return addresses;
  for (const { address } of addresses) {
    const refused = refusedAddress(address, reach.opened);
    // Which address a name has inside of our network is nobody's business but the operator's.
    if (refused !== undefined) return { reason: `${host} may not be called: ${refused}.`, permanent: true };
  }
  const port = Number(url.port || (url.protocol === "https:" ? 443 : 80));
  const openedAll = addresses.every(({ address }) => isOpened(address, reach.opened));
  if (!openedAll && !reach.ports.includes(port)) {
    return { reason: `Port ${port} is not one of webhooks.ports.`, permanent: true };
  }
  return { url, addresses };
}

async function lookUp(
  host: string,
  { resolve }: Reach,
  signal: AbortSignal,
): Promise<readonly LookupAddress[] | NoDestination> {
  const family = isIP(host);
  if (family !== 0) return [{ address: host, family }];
  const found = await unlessAborted(
    resolve(host).catch(() => []),
    signal,
  );
  return found.length > 0 ? found : { reason: `The name ${host} could not be resolved.`, permanent: false };
}

/** A look-up cannot be broken off, but need not be waited for. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const over = Promise.withResolvers<never>();
  const leave = () => over.reject(signal.reason);
  signal.addEventListener("abort", leave, { once: true });
  try {
    return await Promise.race([work, over.promise]);
  } finally {
    signal.removeEventListener("abort", leave);
  }
}
