/** The server over a database of a test, in this process. */
import { serveWithBun } from "../../routes/serve.bun.ts";
import { compileDatabase } from "../../src/compose/compile-database.ts";
import { openEdge } from "../../src/compose/edge.ts";
import { loadConfig } from "../../src/config/load-config.ts";
import type { TestDatabase } from "../support/postgres.ts";
import { sampleDatabase } from "../support/samples.ts";

export type Api = {
  /** With the path of GraphQL. */
  readonly url: string;
  readonly databaseUrl: string;
  /** The text of `schema.compiled.json`. */
  readonly artifact: string;
  close(): Promise<void>;
};

export async function worldApi(): Promise<Api> {
  return serveDatabase(await sampleDatabase("world"));
}

/** Compiles what is in the database and serves it; `close` drops the database. */
export async function serveDatabase(database: TestDatabase): Promise<Api> {
  const { artifact } = await compileDatabase(database.url);
  const config = loadConfig({ toml: undefined, env: { DATABASE_URL: database.url } });
  const edge = await openEdge({ config, artifact, report: () => {} });
  const served = serveWithBun(edge, { ...config.server, host: "127.0.0.1", port: 0 });
  return {
    url: `${served.url}/graphql`,
    databaseUrl: database.url,
    artifact,
    close: async () => {
      served.kill();
      await edge.close();
      await database.drop();
    },
  };
}
