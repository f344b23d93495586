/**
 * Sends requests to the servers that are ready, by turns. It asks `/health/ready` all the time and sends nothing to a server
 * whose last yes is older than `YES_MS`; what fails it does not send again.
 */
import { keptConnection, type Reply } from "../../support/kept-connection.ts";

const ASK_MS = 100;
/** A server that stops has to take requests for longer than this. */
const YES_MS = 500;

type Server = { readonly url: string; readyAt: number; readonly underWay: Set<number>; removed: boolean };

export type Balancer = {
  add(url: string): void;
  /** Asks no more; what is under way there goes on. */
  remove(url: string): void;
  isReady(url: string): boolean;
  /** When the requests began that are under way there, by `performance.now()`. */
  underWay(url: string): readonly number[];
  /** A client with connections of its own, one to each server. Rejects when none is ready, or when the request failed. */
  client(): (path: string, body: string) => Promise<Reply>;
};

export function createBalancer(): Balancer {
  const servers = new Map<string, Server>();
  let turn = 0;
  const isReady = (server: Server | undefined) => server !== undefined && performance.now() - server.readyAt < YES_MS;
  const ask = async (server: Server) => {
    while (!server.removed) {
      const at = performance.now();
      const isYes = await fetch(`${server.url}/health/ready`, { signal: AbortSignal.timeout(YES_MS) }).then(
        ({ ok }) => ok,
        () => false,
      );
      server.readyAt = isYes ? at : Number.NEGATIVE_INFINITY;
      await Bun.sleep(ASK_MS);
    }
  };
  const next = async () => {
    for (const end = performance.now() + YES_MS; performance.now() < end; await Bun.sleep(10)) {
      const ready = [...servers.values()].filter(isReady);
      turn += 1;
      const server = ready[turn % ready.length];
      if (server) return server;
    }
    throw new Error("no server is ready");
  };
  return {
    add: (url) => {
      const server: Server = { url, readyAt: Number.NEGATIVE_INFINITY, underWay: new Set(), removed: false };
      servers.set(url, server);
      void ask(server);
    },
    remove: (url) => {
      const server = servers.get(url);
      if (server) server.removed = true;
      servers.delete(url);
    },
    isReady: (url) => isReady(servers.get(url)),
    underWay: (url) => [...(servers.get(url)?.underWay ?? [])],
    client: () => {
      const connections = new WeakMap<Server, ReturnType<typeof keptConnection>>();
      return async (path, body) => {
        const server = await next();
        const connection = connections.get(server) ?? keptConnection(server.url);
        connections.set(server, connection);
        const at = performance.now();
        server.underWay.add(at);
        try {
          return await connection.post(path, body);
        } finally {
          server.underWay.delete(at);
        }
      };
    },
  };
}
