import type { Config } from "../src/config/schema.ts";
import { createApp } from "./app.ts";
import type { RouteParts } from "./route-parts.ts";
import { runServer, type Served } from "./run-server.ts";

export function serveWithBun(parts: RouteParts, { host, port }: Config["server"]): Served {
  const server = Bun.serve({
    hostname: host,
    port,
    // The longest Bun knows; statements and waits for a connection end before.
    idleTimeout: 255,
    // The routes count the body themselves and refuse with a GraphQL error; what is not read is not kept.
    maxRequestBodySize: Number.MAX_SAFE_INTEGER,
    fetch: createApp(parts).fetch,
  });
  return { url: new URL(server.url).origin, stop: () => server.stop(), kill: () => void server.stop(true) };
}

if (import.meta.main) await runServer(serveWithBun);
