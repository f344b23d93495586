import type { Config } from "../src/config/schema.ts";
import { createApp } from "./app.ts";
import type { RouteParts } from "./route-parts.ts";
import { runServer, type Served } from "./run-server.ts";

export function serveWithBun(parts: RouteParts, { host, port }: Config["server"]): Served {
  const server = Bun.serve({
    hostname: host,
    port,
    // A statement may take as long as its own limit says.
    idleTimeout: 0,
    // The routes refuse with a GraphQL error; this is only for bodies that are far too long.
    maxRequestBodySize: parts.bodyBytesMax * 2,
    fetch: createApp(parts).fetch,
  });
  return { url: new URL(server.url).origin, stop: () => server.stop(), kill: () => void server.stop(true) };
}

if (import.meta.main) await runServer(serveWithBun);
