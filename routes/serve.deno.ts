import process from "node:process";
import type { Config } from "../src/config/schema.ts";
import { createApp } from "./app.ts";
import { createDraining } from "./draining.ts";
import type { RouteParts } from "./route-parts.ts";
import { runServer, type Served } from "./run-server.ts";

type DenoServer = { readonly addr: { readonly hostname: string; readonly port: number }; shutdown(): Promise<void> };
/** Only what is used here: the types of Deno and of Bun cannot be loaded into one program. */
declare const Deno: {
  serve(
    options: { hostname: string; port: number; onListen: () => void },
    fetch: (request: Request) => Response | Promise<Response>,
  ): DenoServer;
};

function serveWithDeno(parts: RouteParts, { host, port }: Config["server"]): Served {
  const draining = createDraining(parts);
  const app = createApp(draining.parts);
  const killed = Promise.withResolvers<void>();
  const options = { hostname: host, port, onListen: () => undefined };
  const server = Deno.serve(options, (request) => draining.answered(app.fetch(request)));
  const { hostname, port: taken } = server.addr;
  const stop = () => Promise.race([server.shutdown(), killed.promise]);
  return { url: `http://${hostname}:${taken}`, drain: draining.begin, stop, kill: killed.resolve };
}

if ((import.meta as { main?: boolean }).main) {
  await runServer(serveWithDeno);
  // Deno cannot cut connections once it shuts down; those that are left would keep the process.
  process.exit();
}
