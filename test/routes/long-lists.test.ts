/** Long lists as JSON: streamed row by row, with the bytes of the document in one text and its errors. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createApp } from "../../routes/app.ts";
import { openDatabase } from "../../src/adapters/postgres/database.ts";
import { compileDatabase } from "../../src/compose/compile-database.ts";
import { type Edge, openEdge } from "../../src/compose/edge.ts";
import { loadConfig } from "../../src/config/load-config.ts";
import { createOperations } from "../../src/core/operations.ts";
import type { Artifact } from "../../src/core/schema/artifact.ts";
import { answerQuery } from "../../src/flows/answers/answer-query.ts";
import type { Database } from "../../src/ports/database.ts";
import { type TestDatabase, testDatabase } from "../support/postgres.ts";
import { untilSessions } from "../support/until.ts";

/** A function keeps no promise of its table's columns: a name can be missing. */
const SETUP = `
  CREATE TABLE station (id int PRIMARY KEY, name text NOT NULL, next_id int REFERENCES station, note json);
  INSERT INTO station SELECT n, 'station "' || n || E'"\\n ж', nullif(n % 30000 + 1, 1), json_build_object('n', n)
    FROM generate_series(1, 30000) n;
  CREATE INDEX ON station (next_id);
  CREATE VIEW broken AS SELECT id, 1 / (15000 - id) AS q FROM station;
  CREATE VIEW broken_at_once AS SELECT id, 1 / (id - 1) AS q FROM station;
  CREATE VIEW slow AS SELECT id, repeat('x', 2000) || pg_sleep(0.02) AS wait FROM station;
  CREATE VIEW wide AS SELECT id, repeat('x', 2000) AS words FROM station;
  CREATE VIEW late AS SELECT id, name FROM station, pg_sleep(60);
  CREATE FUNCTION nameless(missing int) RETURNS SETOF station LANGUAGE sql STABLE
    AS 'SELECT id, CASE WHEN id <> missing THEN name END, next_id, note FROM station ORDER BY id';
  ANALYZE;
`;
const RAISED = { FRAISEQL_LIMITS_PAGE_ROWS_MAX: "20000" };

let home: TestDatabase;
let artifact: string;
let watcher: Database;
const edges: Edge[] = [];
beforeAll(async () => {
  home = await testDatabase("long_lists", SETUP);
  artifact = (await compileDatabase(home.url)).artifact;
  watcher = openDatabase({ url: home.url, applicationName: "watcher", connectionsMax: 1 });
});
afterAll(async () => {
  for (const edge of edges) await edge.close();
  await watcher.close();
  await home.drop();
});

/** The routes with these settings; `told` fills with what a server hears of answers that are streamed. */
async function served(env: Record<string, string> = {}) {
  const faults: unknown[] = [];
  const told: string[] = [];
  const config = loadConfig({ env: { DATABASE_URL: home.url, ...env } });
  const edge = await openEdge({ config, artifact, report: (fault) => void faults.push(fault) });
  edges.push(edge);
  const app = createApp({ ...edge, longAnswer: (_, part) => void told.push(part) });
  const ask = async (query: string, signal?: AbortSignal): Promise<Response> =>
    app.request("/graphql", {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/graphql-response+json" },
      body: JSON.stringify({ query }),
      ...(signal ? { signal } : {}),
    });
  return { ask, faults, told, limits: config.limits };
}

const refusalOf = async (response: Response) => {
  const body = (await response.json()) as { errors: { extensions: { code: string } }[] };
  return [response.status, body.errors[0]?.extensions.code];
};

test("the bytes are those of the document that PostgreSQL makes in one text", async () => {
  const { ask, told, limits } = await served(RAISED);
  const { model } = JSON.parse(artifact) as Artifact;
  const operations = createOperations(model, { limits });
  const database = openDatabase({ url: home.url });
  const selection = "{ id name note next { name next { id } } stationsByNext(limit: 1) { id } __typename nodeId }";
  for (const query of [
    `{ stations(limit: 12000, offset: 5, orderBy: { name: DESC }) ${selection} }`,
    `{ __typename all: stations(where: { id: { lte: 15000 } }) ${selection} mutation: __typename }`,
    `{ stations(where: { note: { isNull: true } }, limit: 20000) ${selection} }`,
    `{ nameless(missing: 0, limit: 20000) ${selection} }`,
    "{ stations(limit: 20000, offset: 20000) { id } }",
  ]) {
    const whole = (await answerQuery({ operations, database }, { query })).body;
    const response = await ask(query);
    expect(response.status).toBe(200);
    expect(await response.text()).toBe(typeof whole === "string" ? whole : new TextDecoder().decode(whole));
  }
  // An answer without rows was whole when it began.
  expect(told).toEqual(Array.from({ length: 8 }, (_, index) => (index % 2 === 0 ? "begins" : "is made")));
  await database.close();
});

test("a list streams that asks for 10,000 rows and more, or has no limit and is longer", async () => {
  const { ask, told } = await served(RAISED);
  const streams = async (query: string): Promise<boolean> => {
    told.length = 0;
    await (await ask(query)).text();
    return told.length > 0;
  };
  expect(await streams("{ stations(limit: 9999) { id } }")).toBe(false);
  expect(await streams("{ stations(limit: 10000) { id } }")).toBe(true);
  expect(await streams("{ stations(where: { id: { lte: 10000 } }) { id } }")).toBe(false);
  expect(await streams("{ stations(where: { id: { lte: 10001 } }) { id } }")).toBe(true);
  expect(await streams("{ stations(limit: 10000) { id } broken(limit: 1) { id } }")).toBe(false);
  expect(await streams("{ stationsConnection(first: 10000) { nodes { id } } }")).toBe(false);
});

test("under the limit as it is a list of 10,000 rows streams, and one row more is refused", async () => {
  const { ask, told } = await served();
  const rows = ((await (await ask("{ stations(limit: 10000) { id } }")).json()) as { data: { stations: unknown[] } })
    .data;
  expect([rows.stations.length, told]).toEqual([10_000, ["begins", "is made"]]);
  expect(await refusalOf(await ask("{ stations(limit: 10001) { id } }"))).toEqual([400, "PAGE_LIMIT"]);
  expect(await refusalOf(await ask("{ stations { id } }"))).toEqual([400, "PAGE_LIMIT"]);
});

describe("before the first byte", () => {
  test("a list without a limit that is longer than a page is refused, however many rows could have been sent", async () => {
    const { ask, told } = await served(RAISED);
    expect(await refusalOf(await ask("{ stations { id name } }"))).toEqual([400, "PAGE_LIMIT"]);
    expect(told).toEqual([]);
  });

  test("a statement that fails is an error with its status", async () => {
    const { ask } = await served(RAISED);
    const query = "{ brokenAtOnces(limit: 20000, orderBy: { id: ASC }) { id q } }";
    expect(await refusalOf(await ask(query))).toEqual([500, "DATABASE_ERROR"]);
  });

  test("a null in a non-null field is partial data", async () => {
    const { ask, faults } = await served(RAISED);
    const response = await ask("{ nameless(missing: 2, limit: 20000) { id name } }");
    expect([response.status, await response.json()]).toMatchObject([
      200,
      { data: null, errors: [{ path: ["nameless", 1, "name"], extensions: { code: "NOT_NULL_VIOLATED" } }] },
    ]);
    expect(faults).toMatchObject([{ code: "NOT_NULL_VIOLATED" }]);
  });

  test("the time of a statement is that of any operation", async () => {
    const { ask } = await served({ ...RAISED, FRAISEQL_LIMITS_STATEMENT_TIMEOUT_MS: "300" });
    const refused = await ask("{ lates(limit: 20000) { id name } }");
    expect(refused.headers.get("retry-after")).toBe("1");
    expect(await refusalOf(refused)).toEqual([503, "STATEMENT_TIMEOUT"]);
    await untilSessions(watcher, 0, "state = 'active' and query like '%late%'");
  });
});

describe("lists that wait for their turn", () => {
  test("are told to come back when they have waited too long", async () => {
    const { ask } = await served({ ...RAISED, FRAISEQL_EXPORTS_CONNECTIONS_MAX: "1", FRAISEQL_EXPORTS_WAIT_MS: "1" });
    const client = new AbortController();
    const late = ask("{ lates(limit: 20000) { id name } }", client.signal);
    await untilSessions(watcher, 1, "state = 'active' and query like '%late%'");
    const waiting = await ask("{ stations(limit: 20000) { id } }");
    expect(waiting.headers.get("retry-after")).toBe("1");
    expect(await refusalOf(waiting)).toEqual([503, "DATABASE_UNAVAILABLE"]);
    client.abort();
    await late;
  });

  test("have the whole time of a statement before them when it has come", async () => {
    const { ask } = await served({ ...RAISED, FRAISEQL_LIMITS_STATEMENT_TIMEOUT_MS: "1000" });
    const late = Array.from({ length: 8 }, () => ask("{ lates(limit: 20000) { id name } }"));
    const last = await ask("{ stations(limit: 20000) { id } }");
    expect(last.status).toBe(200);
    expect((await last.text()).length).toBeGreaterThan(200_000);
    const refusals = await Promise.all((await Promise.all(late)).map(refusalOf));
    expect(refusals).toEqual(late.map(() => [503, "STATEMENT_TIMEOUT"]));
  });
});

describe("after the first byte", () => {
  test.each([
    ["a statement that fails", "{ brokens(limit: 20000, orderBy: { id: ASC }) { id q } }", { sqlstate: "22012" }],
    ["a null in a non-null field", "{ nameless(missing: 15000, limit: 20000) { id name } }", { sqlstate: "22P02" }],
    ["an answer longer than one may be", "{ stations(limit: 20000) { id name } }", { code: "RESPONSE_LIMIT" }],
  ])("%s breaks the answer off, and the log is told", async (_, query, fault) => {
    const { ask, faults } = await served({ ...RAISED, FRAISEQL_LIMITS_RESPONSE_BYTES_MAX: "700000" });
    const response = await ask(query);
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow();
    expect(faults).toMatchObject([fault]);
  });

  test("a client that leaves ends the statement, and no fault is told", async () => {
    const { ask, faults } = await served(RAISED);
    for (const leave of ["abort", "cancel"]) {
      const client = new AbortController();
      const response = await ask("{ slows(limit: 20000) { id wait } }", client.signal);
      const reader = response.body?.getReader();
      await reader?.read();
      await untilSessions(watcher, 1, "state = 'active' and query like '%slow%'");
      if (leave === "abort") client.abort();
      else await reader?.cancel();
      await untilSessions(watcher, 0, "state = 'active' and query like '%slow%'");
    }
    expect(faults).toEqual([]);
  });

  test("a client that does not read makes PostgreSQL wait", async () => {
    const { ask } = await served(RAISED);
    const response = await ask("{ wides(limit: 15000) { id words } }");
    const waits = "wait_event = 'ClientWrite' and query like '%wide%'";
    for (let look = 0; look < 50; look += 1) await untilSessions(watcher, 1, waits);
    expect((await response.text()).length).toBeGreaterThan(30_000_000);
    await untilSessions(watcher, 0, waits);
  });
});
