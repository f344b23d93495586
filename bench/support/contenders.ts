import { fileURLToPath } from "node:url";
import type { Contender, DataSet } from "../data/data-set.ts";
import type { BenchDatabase } from "./database.ts";
import { startFraiseql } from "./fraiseql.ts";
import { peerCommand } from "./peers.ts";
import { type Server, startServer } from "./servers.ts";

/** As many connections to PostgreSQL for every server. */
export const POOL_MAX = 10;

const FLOOR = fileURLToPath(new URL("../floor/server.ts", import.meta.url));

/** One process per contender, each with the same connections to the same database. */
export async function startContenders(
  names: readonly Contender[],
  database: BenchDatabase,
  data: DataSet,
): Promise<ReadonlyMap<Contender, Server>> {
  const env = {
    DATABASE_URL: database.url,
    POOL_MAX: String(POOL_MAX),
    FRAISEQL_DATABASE_CONNECTIONS_MAX: String(POOL_MAX),
    FRAISEQL_DATABASE_WRITE_CONNECTIONS_MAX: String(POOL_MAX),
    DATA_SET: data.name,
    GRAPHILE_ENV: "production",
  };
  const start = (name: Contender): Promise<Server> => {
    if (name === "fraiseql") return startFraiseql(env);
    return startServer(name, name === "floor" ? [process.execPath, FLOOR] : peerCommand(name), env);
  };
  const settled = await Promise.allSettled(names.map(async (name) => [name, await start(name)] as const));
  const failure = settled.find((each) => each.status === "rejected");
  if (!failure) return new Map(settled.flatMap((each) => (each.status === "fulfilled" ? [each.value] : [])));
  for (const each of settled) if (each.status === "fulfilled") await each.value[1].stop();
  throw failure.reason;
}
