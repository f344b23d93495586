import type { Config } from "../src/config/schema.ts";
import { createApp } from "./app.ts";
import type { RouteParts } from "./route-parts.ts";
import { runServer, type Served } from "./run-server.ts";

type DenoServer = { readonly addr: { readonly hostname: string; readonly port: number }; shutdown(): Promise<void> };
/** Only what is used here: the types of Deno and of Bun cannot be loaded into one program. */
declare const Deno: {
  serve(
    options: { hostname: string; port: number; signal: AbortSignal; onListen: () => void },
    fetch: (request: Request) => Response | Promise<Response>,
  ): DenoServer;
};

function serveWithDeno(parts: RouteParts, { host, port }: Config["server"]): Served {
  const app = createApp(parts);
  const killer = new AbortController();
  const options = { hostname: host, port, signal: killer.signal, onListen: () => undefined };
  const server = Deno.serve(options, (request) => app.fetch(request));
  const { hostname, port: taken } = server.addr;
  return { url: `http://${hostname}:${taken}`, stop: () => server.shutdown(), kill: () => killer.abort() };
}

if ((import.meta as { main?: boolean }).main) await runServer(serveWithDeno);
