import type { Config } from "../src/config/schema.ts";
import { FraiseqlError } from "../src/core/errors.ts";
import { createApp } from "./app.ts";
import { createDraining } from "./draining.ts";
import { createGarbageCollection } from "./garbage-collection.ts";
import { JSON_TYPE } from "./media-type.ts";
import { errorResponse } from "./respond.ts";
import type { RouteParts } from "./route-parts.ts";
import { runServer, type Served } from "./run-server.ts";

/** The longest Bun knows; statements of operations and waits for a connection end before. */
const IDLE_SECONDS = 255;

/** Listens at once; port 0 takes any that is free. @throws what Bun says of an address that cannot be had */
export function serveWithBun(parts: RouteParts, { host, port }: Config["server"]): Served {
  const collectGarbageLater = createGarbageCollection({
    heldBytes: () => process.memoryUsage().external,
    collect: () => Bun.gc(true),
    after: (milliseconds, work) => void setTimeout(work, milliseconds).unref(),
  });
  const longAnswer: RouteParts["longAnswer"] = (request, part) => {
    server.timeout(request, part === "begins" ? 0 : IDLE_SECONDS);
    collectGarbageLater();
  };
  const draining = createDraining(parts);
  const app = createApp({ ...draining.parts, longAnswer });
  const server = Bun.serve({
    hostname: host,
    port,
    idleTimeout: IDLE_SECONDS,
    // The routes count the body themselves and refuse with a GraphQL error; what is not read is not kept.
    maxRequestBodySize: Number.MAX_SAFE_INTEGER,
    // Else a fault would be shown with the lines of source around it.
    development: false,
    // Without development Bun would share the port with whoever else shares it, and each get some of the requests.
    reusePort: false,
    // With a `Host` that is none, Bun gives a URL without an origin, which Hono cannot take apart.
    fetch: (request) => (request.url.startsWith("/") ? malformedHost() : draining.answered(app.fetch(request))),
  });
  return {
    url: new URL(server.url).origin,
    drain: draining.begin,
    stop: () => server.stop(),
    kill: () => void server.stop(true),
  };
}

function malformedHost(): Response {
  return errorResponse(new FraiseqlError("REQUEST_ERROR", "The Host header is not the name of a host."), JSON_TYPE);
}

// Not awaited: a module is ready only when its first run has ended, and exports, which come later, import this one in the bundle.
if (import.meta.main) void runServer(serveWithBun);
