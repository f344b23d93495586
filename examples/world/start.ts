/** `npm start`: the world in a PostgreSQL that comes along, or a database of one's own, compiled and served. */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runServer } from "../../routes/run-server.ts";
import { serveWithBun } from "../../routes/serve.bun.ts";
import { compileDatabase } from "../../src/compose/compile-database.ts";
import { startEmbeddedDatabase } from "../../src/compose/embedded.ts";
import { readConfigFile } from "../../src/config/config-file.ts";
import { type Environment, environment } from "../../src/config/environment.ts";
import { loadConfig } from "../../src/config/load-config.ts";
import type { Config } from "../../src/config/schema.ts";
import { allowsIntrospection, showsGraphiql } from "../../src/config/server-access.ts";
import { FraiseqlError } from "../../src/core/errors.ts";
import { loadWorld, worldVersion } from "./load.ts";
import { settingsPath, writeSettings } from "./settings.ts";
import { startWorkers } from "./workers.ts";

const WORLD_QUERY =
  '{ countryByCode(code: "CH") { name capital languageNames cities(orderBy: [{ name: ASC }], limit: 2) { name region { name cityCount } } } }';
const SCHEMA_QUERY = "{ __schema { queryType { fields { name description } } } }";

const progress = (line: string) => console.error(line);

async function start(): Promise<void> {
  const env = environment();
  const toml = await readConfigFile(env);
  const config = withoutDatabase(env, toml);
  if (config === undefined) {
    progress("A database is given (DATABASE_URL, or database.url), so no PostgreSQL is started.");
    return serve({ env, toml, note: progress });
  }
  const { directory } = config.embedded;
  const contents = { name: "world", version: await worldVersion(), load: loadWorld };
  const database = await startEmbeddedDatabase({ directory, contents, events: config.events, progress });
  const settings = await writeSettings({ directory, database, env });
  try {
    await serve({
      // What the environment says goes before what the example needs.
      env: {
        FRAISEQL_WORKERS_PORT: "0",
        ...settings,
        ...env,
        DATABASE_URL: database.url,
        FRAISEQL_DATABASE_WRITE_URL: database.writeUrl,
      },
      toml,
      query: WORLD_QUERY,
      // What the rules made of the example's names is no news.
      note: () => {},
      example: { ownerUrl: database.ownerUrl, settings: settingsPath(directory), log: join(directory, "workers.log") },
    });
  } finally {
    await database.stop();
  }
}

/** The configuration, if a database is all it lacks; undefined if it has one. Whatever else is wrong with it is thrown. */
function withoutDatabase(env: Environment, toml: string | undefined): Config | undefined {
  try {
    loadConfig({ toml, env });
    return undefined;
  } catch (error) {
    if (env["DATABASE_URL"]) throw error;
    return loadConfig({ toml, env: { ...env, DATABASE_URL: "postgres://embedded" } });
  }
}

type ServeInput = {
  readonly env: Environment;
  readonly toml: string | undefined;
  /** The query of the command that is printed for pasting; absent for a database that nothing is known of. */
  readonly query?: string | undefined;
  readonly note: (line: string) => void;
  /** Absent for a database of one's own: there nothing is installed unasked, and no workers run. */
  readonly example?: Example | undefined;
};

type Example = {
  /** For printing, password included: nobody else knows that of the embedded database. What is served is served as a role that reads. */
  readonly ownerUrl: string;
  /** Where the settings of other commands are. */
  readonly settings: string;
  /** What workers tell, as lines of JSON. */
  readonly log: string;
};

/** Compiles the database and serves it until the process is told to stop; with workers for what follows from changes. */
async function serve({ env, toml, note, query, example }: ServeInput): Promise<void> {
  const { database, embedded, server } = loadConfig({ toml, env });
  const { artifact, notes } = await compileDatabase(database.url);
  for (const line of notes) note(`note: ${line}`);
  const path = join(embedded.directory, "schema.compiled.json");
  await mkdir(embedded.directory, { recursive: true });
  // Not over an older one: that may be another account's.
  await rm(path, { force: true });
  await writeFile(path, artifact);
  const workers = example ? await startWorkers({ env, toml, artifact, log: example.log }) : undefined;
  try {
    await runServer(serveWithBun, {
      env: { ...env, FRAISEQL_ARTIFACT_PATH: path },
      onListening: (url) => console.log(banner({ url, server, query, example, workersUrl: workers?.url })),
    });
  } finally {
    await workers?.stop();
  }
}

type Facts = Pick<ServeInput, "query" | "example"> & {
  readonly url: string;
  readonly server: Config["server"];
  readonly workersUrl: string | undefined;
};

function banner({ url, example, query, server, workersUrl }: Facts): string {
  const body = JSON.stringify({
    query: query ?? (allowsIntrospection(server) ? SCHEMA_QUERY : "{ __typename }"),
  }).replaceAll("'", "'\\''");
  const more = example
    ? `\n  ${workersUrl}/api/status   (rules, events, deliveries; settings for commands: . ${example.settings})\n  ${example.ownerUrl}`
    : "";
  return `
FraiseQL answers on

  ${url}/graphql${showsGraphiql(server) ? "   (in a browser: GraphiQL)" : ""}
  ${url}/health/ready${more}

Try:

  curl -s ${url}/graphql -H 'content-type: application/json' -d '${body}'

Ctrl-C stops it.`;
}

try {
  await start();
} catch (error) {
  if (!(error instanceof FraiseqlError)) throw error;
  console.error(`${error.code}: ${error.message}`);
  process.exitCode = 1;
}
