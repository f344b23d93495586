/** One server for the page and for the API it asks, so that the browser sees one origin. */
import { fileURLToPath } from "node:url";
import { createApp } from "../../routes/app.ts";
import { compileDatabase } from "../../src/compose/compile-database.ts";
import { openEdge } from "../../src/compose/edge.ts";
import { loadConfig } from "../../src/config/load-config.ts";

export type ChartServer = {
  readonly url: string;
  /** The text of `schema.compiled.json`. */
  readonly artifact: string;
  stop(): Promise<void>;
};

const beside = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/**
 * Compiles the database and serves it below `/graphql`, and the page above it.
 *
 * @param port 0 for any that is free
 */
export async function serveChart(databaseUrl: string, port: number): Promise<ChartServer> {
  const { artifact } = await compileDatabase(databaseUrl);
  const config = loadConfig({ toml: undefined, env: { DATABASE_URL: databaseUrl } });
  const edge = await openEdge({ config, artifact, report: (error) => console.error(error) });
  const app = createApp(edge);
  const script = await bundle();
  app.get("/", () => new Response(Bun.file(beside("page/index.html"))));
  app.get("/chart.js", () => new Response(script, { headers: { "content-type": "text/javascript; charset=utf-8" } }));
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port,
    idleTimeout: 255,
    development: false,
    reusePort: false,
    fetch: app.fetch,
  });
  return {
    url: server.url.href,
    artifact,
    stop: async () => {
      await server.stop(true);
      await edge.close();
    },
  };
}

/** The page's script with the client and the Arrow reader in it: one file. */
async function bundle(): Promise<string> {
  const { outputs } = await Bun.build({ entrypoints: [beside("page/main.ts")], target: "browser", minify: true });
  const [script] = outputs;
  if (!script) throw new Error("the page's script has no output");
  return script.text();
}
