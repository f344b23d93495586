import { FraiseqlError } from "../../src/core/errors.ts";
import { holdsToken } from "../bearer-token.ts";

/** `::1`, `127.0.0.1`, `localhost` and what is below them. */
const OWN_ORIGIN = /^https?:\/\/(localhost|[a-z0-9.-]+\.localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i;

/**
 * Whether a request may go on; what it is refused with if not. Without a token the server listens on a loopback address
 * alone, but pages of a browser on this machine reach that too: they say where they come from, and only pages of this
 * machine are let in.
 */
export function bearerCheck(token: string | undefined): (request: Request) => Promise<FraiseqlError | undefined> {
  if (token === undefined) {
    return async ({ headers, url }) => {
      const origin = headers.get("origin");
      const site = headers.get("sec-fetch-site");
      // A name of theirs that they let point here makes their page one of the same site: the name gives them away.
      const isRebound = !OWN_ORIGIN.test(new URL(url).origin);
      const isForeign = isRebound || (origin !== null ? !OWN_ORIGIN.test(origin) : site === "cross-site");
      return isForeign ? new FraiseqlError("FORBIDDEN", "Pages of other sites may not use this API.") : undefined;
    };
  }
  return async (request) =>
    (await holdsToken(request, token))
      ? undefined
      : new FraiseqlError("UNAUTHENTICATED", "Send the configured token: Authorization: Bearer …");
}
