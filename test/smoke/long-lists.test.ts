/** Long lists as JSON against the server on each runtime: whole, in little memory, and for clients that stall or leave. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openDatabase } from "../../src/adapters/postgres/database.ts";
import { compileDatabase } from "../../src/compose/compile-database.ts";
import type { Database } from "../../src/ports/database.ts";
import { type TestDatabase, testDatabase } from "../support/postgres.ts";
import { expectStallIsPassedOn, expectStatementEnds, post, residentBytes } from "./clients.ts";
import { RUNTIMES, type ServerProcess, startServer, type Workplace, workplace } from "./servers.ts";

const JSON_TYPE = "application/json";
const ROWS = 400_000;
const SETUP = `
  CREATE TABLE droplet (id int PRIMARY KEY, name text NOT NULL);
  INSERT INTO droplet SELECT n, repeat(md5(n::text), 10) FROM generate_series(1, ${ROWS}) n;
  CREATE VIEW broken_droplet AS SELECT id, 1 / (300000 - id) AS q FROM droplet;
  CREATE VIEW slow_droplet AS SELECT id, pg_sleep(0.02)::text AS wait FROM droplet;
  ANALYZE;
`;

let place: Workplace;
let database: TestDatabase;
let artifact: string;
let watcher: Database;
beforeAll(async () => {
  place = await workplace();
  database = await testDatabase("smoke_long_lists", SETUP);
  watcher = openDatabase({ url: database.url, applicationName: "watcher", connectionsMax: 1 });
  artifact = join(place.directory, "schema.compiled.json");
  await writeFile(artifact, (await compileDatabase(database.url)).artifact);
}, 60_000);
afterAll(async () => {
  await watcher.close();
  await database.drop();
  await place.remove();
});

const ask = (url: string, query: string) => post(url, query, { accept: JSON_TYPE });

describe.each(RUNTIMES)("on %s", (runtime) => {
  let server: ServerProcess;
  beforeAll(async () => {
    server = await startServer(runtime, place, {
      DATABASE_URL: database.url,
      FRAISEQL_ARTIFACT_PATH: artifact,
      FRAISEQL_LIMITS_PAGE_ROWS_MAX: String(ROWS),
      FRAISEQL_LIMITS_RESPONSE_BYTES_MAX: "500000000",
    });
  });
  afterAll(async () => {
    expect(await server.stop()).toBe(0);
    expect(await server.stderr).toContain("division by zero");
  });

  test("every row comes, with and without a limit, and the server holds a few of them at a time", async () => {
    const before = await residentBytes(server.pid);
    for (const query of ["{ droplets { id name } }", `{ droplets(limit: ${ROWS}) { id name } }`]) {
      const response = await ask(server.url, query);
      expect(response.headers.get("content-type")).toBe(`${JSON_TYPE}; charset=utf-8`);
      let grown = 0;
      const parts: Uint8Array[] = [];
      for await (const part of response.body as ReadableStream<Uint8Array>) {
        parts.push(part);
        if (parts.length % 100 === 0) grown = Math.max(grown, (await residentBytes(server.pid)) - before);
      }
      const { data } = JSON.parse(Buffer.concat(parts).toString()) as { data: { droplets: { id: number }[] } };
      expect(data.droplets.every(({ id }, index) => id === index + 1)).toBe(true);
      expect(data.droplets).toHaveLength(ROWS);
      // The answer has 140 MB.
      expect(grown).toBeLessThan(100e6);
    }
  });

  test("an error in the middle breaks the connection off", async () => {
    const response = await ask(server.url, "{ brokenDroplets(limit: 400000, orderBy: { id: ASC }) { id q } }");
    expect(response.status).toBe(200);
    await expect(response.bytes()).rejects.toThrow();
  });

  test("a client that goes away ends its statement on the server", () =>
    expectStatementEnds(watcher, server.url, {
      query: "{ slowDroplets(limit: 400000) { id wait } }",
      accept: JSON_TYPE,
      table: "slow_droplet",
    }));

  test("a client that does not read makes PostgreSQL wait, not the server's memory grow", () =>
    expectStallIsPassedOn(watcher, server, {
      query: "{ droplets(limit: 400000) { id name } }",
      accept: JSON_TYPE,
      table: "droplet",
    }));
});
