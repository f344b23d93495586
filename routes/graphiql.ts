import { respondWithGraphiQL } from "@hono/graphql-server";
import type { Context } from "hono";

/** GraphiQL, for a browser that opens `/graphql`. Its scripts come from esm.sh; the page holds no data. */
export function graphiql(context: Context): Response {
  context.header("cache-control", "no-store");
  return respondWithGraphiQL(context);
}
