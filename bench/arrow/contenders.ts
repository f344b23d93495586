/** Who answers, and how each is asked. */
import { fileURLToPath } from "node:url";
import { startFraiseql } from "../support/fraiseql.ts";
import { type Server, startServer } from "../support/servers.ts";
import type { Ask } from "./client.ts";
import { COLUMNS, documentOf, type EventsDatabase, type Shape } from "./events.ts";

/** `json` and `ndjson` are our own server's other answers to the same document; `cached` keeps encoded exports. */
export type Contender = "floor" | "arrow" | "cached" | "ndjson" | "json" | "yoga" | "builders";

export type Servers = Map<"fraiseql" | "cached" | "yoga" | "builders", Server>;

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const GIGABYTE = "1073741824";

/** @param servers - gets each as soon as it runs, so that whoever called can stop those that do when another does not */
export async function startServers({ url }: EventsDatabase, servers: Servers): Promise<void> {
  const env = {
    DATABASE_URL: url,
    FRAISEQL_LIMITS_PAGE_ROWS_MAX: "10000000",
    FRAISEQL_LIMITS_RESPONSE_BYTES_MAX: GIGABYTE,
  };
  const bun = process.execPath;
  servers.set("fraiseql", await startFraiseql(env));
  servers.set("cached", await startFraiseql({ ...env, FRAISEQL_EXPORTS_CACHE_BYTES_MAX: GIGABYTE }));
  servers.set("yoga", await startServer("yoga", [bun, path("../peers/yoga.mjs")], { ...env, POOL_MAX: "4" }));
  servers.set("builders", await startServer("builders", [bun, path("builders-server.ts")], env));
}

export function serverOf(contender: Exclude<Contender, "floor">, servers: Servers): Server {
  const name = contender === "arrow" || contender === "json" || contender === "ndjson" ? "fraiseql" : contender;
  return servers.get(name) as Server;
}

const ACCEPT = {
  arrow: "application/vnd.apache.arrow.stream",
  ndjson: "application/x-ndjson",
  json: "application/json",
} as const;
const WARM_ROWS = 5_000;

export function askOf(contender: Exclude<Contender, "floor">, servers: Servers, shape: Shape, rows: number): Ask {
  const { port, path: endpoint } = serverOf(contender, servers);
  const url = `http://127.0.0.1:${port}${endpoint}`;
  const form = contender === "json" || contender === "yoga" ? "json" : contender === "ndjson" ? "ndjson" : "arrow";
  const columns = COLUMNS[shape];
  const request = (count: number): { readonly url: string; readonly body?: string } => {
    if (contender === "builders") return { url: `${url}?shape=${shape}&rows=${count}` };
    if (contender !== "yoga") return { url, body: JSON.stringify({ query: documentOf(shape, count) }) };
    const query = `query ($columns: [String!]!) { events(limit: ${count}, columns: $columns) { ${columns.join(" ")} } }`;
    return { url, body: JSON.stringify({ query, variables: { columns } }) };
  };
  // Only what was asked before is in the cache.
  const warm = request(contender === "cached" ? rows : Math.min(rows, WARM_ROWS));
  // A small answer takes less time than a compiler takes to notice what is hot.
  const times = Math.max(3, Math.min(200, Math.round(200_000 / rows)));
  const warmUp = { ...warm, times };
  const repeat = rows > WARM_ROWS * 2 ? Math.max(1, Math.round(200_000 / rows)) : times;
  return { ...request(rows), warmUp, accept: ACCEPT[form], form, columns, repeat };
}
