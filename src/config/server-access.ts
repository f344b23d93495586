/** What follows from the settings of a server: who may reach what, and for how long when it stops. */
import type { Config } from "./schema.ts";

/** Balancers look every few seconds. */
const DRAIN_MS = 5_000;

/** Whether `__schema` and `__type` are answered. */
export function allowsIntrospection(server: Config["server"]): boolean {
  return server.introspection ?? isDevelopment(server);
}

/** Whether `GET /graphql` shows GraphiQL to a browser. */
export function showsGraphiql(server: Config["server"]): boolean {
  return server.graphiql ?? isDevelopment(server);
}

/** Milliseconds for which a stopping server goes on to take requests; nobody waits so long at a terminal. */
export function drainMs(server: Config["server"]): number {
  return server.drainMs ?? (isDevelopment(server) ? 0 : DRAIN_MS);
}

/** The names of `Host` that operations are answered for; undefined where any will do. */
export function allowedHosts(server: Config["server"]): readonly string[] | undefined {
  const { host, allowedHosts: named } = server;
  if (named === undefined) return isLoopback(host) ? [] : undefined;
  return named.includes("*") ? undefined : named;
}

/** What listens on another address may be reached by anybody. */
function isDevelopment({ mode, host }: Config["server"]): boolean {
  return mode === undefined ? isLoopback(host) : mode === "development";
}

/** Whether only this machine can reach what listens there. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/i.test(host);
}
