import { fileURLToPath } from "node:url";
import type { Contender, DataSet } from "../data/data-set.ts";
import type { BenchDatabase } from "./database.ts";
import { compiledArtifact, serveCommand } from "./fraiseql.ts";
import { peerCommand } from "./peers.ts";
import { type Server, startServer } from "./servers.ts";

/** As many connections to PostgreSQL for every server. */
export const POOL_MAX = 10;

async function commandOf(contender: Contender, database: BenchDatabase): Promise<readonly string[]> {
  if (contender === "fraiseql") return serveCommand(await compiledArtifact(database.url));
  if (contender === "floor") return [process.execPath, fileURLToPath(new URL("../floor/server.ts", import.meta.url))];
  return peerCommand(contender);
}

/** One process per contender, each with the same connections to the same database. */
export async function startContenders(
  names: readonly Contender[],
  database: BenchDatabase,
  data: DataSet,
): Promise<ReadonlyMap<Contender, Server>> {
  const env = {
    DATABASE_URL: database.url,
    POOL_MAX: String(POOL_MAX),
    DATA_SET: data.name,
    GRAPHILE_ENV: "production",
  };
  const servers = names.map(
    async (name) => [name, await startServer(name, await commandOf(name, database), env)] as const,
  );
  return new Map(await Promise.all(servers));
}
