import { respondWithGraphiQL } from "@hono/graphql-server";
import type { Context } from "hono";

/** No page may frame it and lead the clicks of somebody who is logged in; what its scripts learn they may tell nobody else. */
const CONTENT_SECURITY =
  "frame-ancestors 'none'; connect-src 'self' https://esm.sh; base-uri 'none'; form-action 'none'";

/** GraphiQL, for a browser that opens `/graphql`. Its scripts come from esm.sh; the page holds no data. */
export function graphiql(context: Context): Response {
  context.header("cache-control", "no-store");
  context.header("content-security-policy", CONTENT_SECURITY);
  context.header("x-content-type-options", "nosniff");
  context.header("referrer-policy", "no-referrer");
  return respondWithGraphiQL(context);
}
