/** The route table. */
import { Hono } from "hono/tiny";
import { FraiseqlError } from "../src/core/errors.ts";
import { hostCheck } from "./allowed-host.ts";
import { getGraphql, otherMethod, postGraphql } from "./graphql.ts";
import { live, ready } from "./health.ts";
import { introspection, limitedBody } from "./introspection.ts";
import { JSON_TYPE } from "./media-type.ts";
import { errorResponse } from "./respond.ts";
import type { RouteParts } from "./route-parts.ts";

/** All routes of a server of the edge, over what `parts` do; the same on Bun, on Deno and in a bundle. */
export function createApp(parts: RouteParts): Hono {
  const app = new Hono();
  // No middleware before these: each would cost every operation a promise.
  const isForUs = hostCheck(parts.allowedHosts);
  app.post("/graphql", ({ req: { raw } }) => (isForUs(raw) ? postGraphql(parts, raw) : misdirected(raw)));
  app.get("/graphql", ({ req: { raw } }) => (isForUs(raw) ? getGraphql(parts, raw) : misdirected(raw)));
  const { shownSchema } = parts;
  if (parts.showsGraphiql && shownSchema) {
    const introspect = introspection(shownSchema);
    app.post("/graphql/introspection", limitedBody(), async (context, next) =>
      isForUs(context.req.raw) ? introspect(context, next) : misdirected(context.req.raw),
    );
  }
  app.get("/health/live", live);
  app.get("/health/ready", () => ready(parts));
  app.notFound(({ req: { path, method } }) => {
    // As a route of its own it would be a second handler for each operation, which Hono would have to chain.
    if (path === "/graphql") return otherMethod(method);
    const message = `There is nothing under ${path}; operations go to /graphql.`;
    return errorResponse(new FraiseqlError("NOT_FOUND", message), JSON_TYPE);
  });
  app.onError((error) => {
    parts.report(error);
    return errorResponse(new FraiseqlError("INTERNAL_ERROR", "A fault in the server; its log says more."), JSON_TYPE);
  });
  return app;
}

function misdirected({ headers }: Request): Response {
  const message = `Operations are not answered for the host ${headers.get("host")}; server.allowedHosts says for which they are.`;
  return errorResponse(new FraiseqlError("HOST_NOT_ALLOWED", message), JSON_TYPE);
}
