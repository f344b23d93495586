/** The routes over tables worth exporting, for the tests of exports. */
import postgres from "postgres";
import { createApp } from "../../routes/app.ts";
import { compileDatabase } from "../../src/compose/compile-database.ts";
import { type Edge, openEdge } from "../../src/compose/edge.ts";
import { loadConfig } from "../../src/config/load-config.ts";
import { runSql, testDatabase } from "../support/postgres.ts";

const SETUP = `
  CREATE TYPE mood AS ENUM ('calm', 'very wild');
  CREATE TABLE country (code text PRIMARY KEY, name text NOT NULL);
  INSERT INTO country VALUES ('AT', 'Austria, "Österreich"'), ('CH', 'Switzerland');
  CREATE TABLE river (
    id int PRIMARY KEY, name text NOT NULL, mood mood, length numeric(8,2), flow float8, navigable bool NOT NULL,
    surveyed date, measured timestamptz, facts jsonb, raw json, tags text[], serial int8 NOT NULL, sign bytea,
    country_code text REFERENCES country
  );
  INSERT INTO river VALUES
    (1, 'Inn', 'calm', 517.50, 735.5, true, '2020-02-29', '2024-01-02 03:04:05.678901+00', '{"a": [1, "x\\ny"]}', E'{\\n "b" : 1\\n}',
     '{a,"b,c",NULL}', 9007199254740993, '\\x00ff', 'AT'),
    (2, E'Line\\r\\nbreak, "quoted"', 'very wild', NULL, 'NaN', false, NULL, 'infinity', NULL, NULL, '{}', 2, NULL, NULL),
    (3, '', NULL, -0.5, '-Infinity', true, '0044-03-15 BC', NULL, 'null', '[]', NULL, 3, '', 'CH'),
    (4, '=1+1', 'calm', 0, 1e300, true, NULL, NULL, '"text"', '"t"', '{NULL}', 4, NULL, 'CH');
  CREATE TABLE gauge (id int PRIMARY KEY, river_id int NOT NULL REFERENCES river, height int);
  INSERT INTO gauge VALUES (1, 1, 5), (2, 1, NULL), (3, 3, 7);
  CREATE TABLE many (id int PRIMARY KEY, word text NOT NULL);
  INSERT INTO many SELECT n, 'word ' || n FROM generate_series(1, 20000) n;
`;

export type ExportsApp = {
  readonly edge: Edge;
  readonly faults: unknown[];
  readonly sql: (text: string) => Promise<void>;
  /** Runs `work` in a transaction on a connection of its own. */
  readonly transaction: (work: (sql: (text: string) => Promise<unknown>) => Promise<void>) => Promise<void>;
  readonly waitingForLocks: () => Promise<number>;
  /** Statements like this that the app has running. */
  readonly running: (statement: string) => Promise<number>;
  /** Sessions of the app that have nothing to do and ran a statement like this last. */
  readonly rested: (statement: string) => Promise<number>;
  readonly get: (query: string, headers: Record<string, string>, more?: Record<string, string>) => Promise<Response>;
  readonly post: (query: string, headers: Record<string, string>, more?: object) => Promise<Response>;
  close(): Promise<void>;
};

/**
 * @param env - settings, as environment variables
 * @param setup - more for the database
 */
export async function exportsApp(env: Record<string, string> = {}, setup = ""): Promise<ExportsApp> {
  const { url, drop } = await testDatabase("exports", SETUP + setup);
  const own = postgres(url, { max: 1, fetch_types: false });
  const watcher = postgres(url, { max: 1, fetch_types: false });
  const faults: unknown[] = [];
  const { artifact } = await compileDatabase(url);
  const config = loadConfig({ env: { DATABASE_URL: url, ...env } });
  const edge = await openEdge({ config, artifact, report: (fault) => faults.push(fault) });
  const app = createApp(edge);
  const sessions = async (state: string, statement: string): Promise<number> => {
    const [row] = await watcher`select count(*)::int as n from pg_stat_activity
      where datname = current_database() and application_name = 'fraiseql' and state = ${state} and query like ${statement}`;
    return Number(row?.["n"]);
  };
  return {
    edge,
    faults,
    sql: (text) => runSql(url, text),
    transaction: async (work) => {
      await own.begin((sql) => work((text) => sql.unsafe(text)));
    },
    waitingForLocks: async () => {
      const [row] = await watcher`select count(*)::int as n from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`;
      return Number(row?.["n"]);
    },
    running: (statement) => sessions("active", statement),
    rested: (statement) => sessions("idle", statement),
    get: async (query, headers, more = {}) =>
      app.request(`/graphql?${new URLSearchParams({ query, ...more })}`, { headers }),
    post: async (query, headers, more = {}) =>
      app.request("/graphql", {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify({ query, ...more }),
      }),
    close: async () => {
      await Promise.all([edge.close(), own.end(), watcher.end()]);
      await drop();
    },
  };
}
