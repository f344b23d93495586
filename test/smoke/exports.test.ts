/** Tables over HTTP against the server on each runtime: streams, their ends, and clients that stall or leave. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { zstdDecompressSync } from "node:zlib";
import { tableFromIPC } from "apache-arrow";
import postgres from "postgres";
import { openDatabase } from "../../src/adapters/postgres/database.ts";
import { compileDatabase } from "../../src/compose/compile-database.ts";
import type { Database } from "../../src/ports/database.ts";
import { type TestDatabase, testDatabase } from "../support/postgres.ts";
import { expectStallIsPassedOn, expectStatementEnds, post, untilStatements } from "./clients.ts";
import { RUNTIMES, type ServerProcess, startServer, type Workplace, workplace } from "./servers.ts";

const ARROW = "application/vnd.apache.arrow.stream";
const SETUP = `
  CREATE TABLE river (id int PRIMARY KEY, name text NOT NULL, length float8);
  INSERT INTO river SELECT n, 'river ' || n || ' ж', n * 1.5 FROM generate_series(1, 5000) n;
  CREATE TABLE droplet (id int PRIMARY KEY, name text NOT NULL);
  INSERT INTO droplet SELECT n, repeat(md5(n::text), 10) FROM generate_series(1, 500000) n;
  CREATE VIEW broken_river AS SELECT id, 1 / (30000 - id) AS q FROM droplet;
  CREATE VIEW slow_river AS SELECT id, pg_sleep(0.02)::text AS wait FROM droplet;
  ANALYZE;
`;

let place: Workplace;
let database: TestDatabase;
let artifact: string;
let watcher: Database;
let writer: ReturnType<typeof postgres>;
beforeAll(async () => {
  place = await workplace("with exports");
  database = await testDatabase("smoke_exports", SETUP);
  watcher = openDatabase({ url: database.url, applicationName: "watcher", connectionsMax: 1 });
  writer = postgres(database.url, { max: 1, fetch_types: false });
  artifact = join(place.directory, "schema.compiled.json");
  await writeFile(artifact, (await compileDatabase(database.url)).artifact);
}, 60_000);
afterAll(async () => {
  await Promise.all([watcher.close(), writer.end()]);
  await database.drop();
  await place.remove();
});

const ask = (url: string, query: string, accept = ARROW) => post(url, query, { accept, "accept-encoding": "identity" });

describe.each(RUNTIMES)("on %s", (runtime) => {
  let server: ServerProcess;
  beforeAll(async () => {
    server = await startServer(runtime, place, {
      DATABASE_URL: database.url,
      FRAISEQL_ARTIFACT_PATH: artifact,
      FRAISEQL_LIMITS_EXPORT_ROWS_MAX: "400000",
    });
  });
  afterAll(async () => {
    expect(await server.stop()).toBe(0);
    // The log has the reasons of what was broken off, which the clients could not be told.
    const log = await server.stderr;
    for (const reason of ["division by zero", "more than 400000 rows"]) expect(log).toContain(reason);
  });

  test("a list comes as an Arrow table, longer than a page of JSON may be", async () => {
    const response = await ask(server.url, "{ droplets(limit: 120000) { id name } }");
    expect([response.status, response.headers.get("content-type")]).toEqual([200, ARROW]);
    const table = tableFromIPC(await response.bytes());
    expect(table.numRows).toBe(120_000);
    expect(table.get(119_999)?.toJSON()).toMatchObject({ id: 120_000 });
  });

  test("a GET is answered with a table too", async () => {
    const url = `${server.url}?query=${encodeURIComponent("{ rivers(where: { id: { lte: 2 } }) { id name length } }")}`;
    const table = tableFromIPC(await (await fetch(url, { headers: { accept: ARROW } })).bytes());
    expect(table.toArray().map((row) => row.toJSON())).toEqual([
      { id: 1, name: "river 1 ж", length: 1.5 },
      { id: 2, name: "river 2 ж", length: 3 },
    ]);
  });

  test("the same rows come as a file, as lines of JSON and as CSV", async () => {
    const query = "{ droplets(limit: 30000) { id name } }";
    const file = tableFromIPC(await (await ask(server.url, query, `${ARROW.slice(0, -6)}file`)).bytes());
    const lines = (await (await ask(server.url, query, "application/x-ndjson")).text()).split("\n");
    const csv = (await (await ask(server.url, query, "text/csv")).text()).split("\r\n");
    expect([file.numRows, lines.length, csv.length]).toEqual([30_000, 30_001, 30_002]);
    for (const index of [0, 14_999, 29_999]) {
      const row = file.get(index)?.toJSON() as { id: number; name: string };
      expect(JSON.parse(lines[index] as string)).toEqual(row);
      expect(csv[index + 1]).toBe(`${row.id},"${row.name}"`);
    }
  });

  test("a large table is compressed for a client that can read it", async () => {
    const query = "{ droplets(limit: 30000) { id name } }";
    const response = await fetch(`${server.url}?query=${encodeURIComponent(query)}`, {
      headers: { accept: ARROW, "accept-encoding": "zstd" },
      decompress: false,
    } as RequestInit);
    expect(response.headers.get("content-encoding")).toBe("zstd");
    const bytes = await response.bytes();
    expect(tableFromIPC(zstdDecompressSync(bytes)).numRows).toBe(30_000);
    expect(bytes.length).toBeLessThan(0.7 * 30_000 * 320);
  });

  test("a table that has not changed is not sent again", async () => {
    const url = `${server.url}?query=${encodeURIComponent("{ rivers { id name } }")}`;
    const get = (headers: Record<string, string>) => fetch(url, { headers: { accept: ARROW, ...headers } });
    const tag = (await get({})).headers.get("etag") ?? "";
    expect((await get({ "if-none-match": tag })).status).toBe(304);
    await writer.unsafe("UPDATE river SET name = 'new' WHERE id = 1");
    const changed = await get({ "if-none-match": tag });
    expect([
      changed.status,
      tableFromIPC(await changed.bytes())
        .get(0)
        ?.toJSON(),
    ]).toEqual([200, { id: 1, name: "new" }]);
    await writer.unsafe("UPDATE river SET name = 'river 1 ж' WHERE id = 1");
  });

  test("a large table is read over several connections for those who ask", async () => {
    const query = "{ droplets(where: { id: { lte: 300000 } }) { id } }";
    const response = await post(server.url, query, { accept: ARROW, prefer: "connections=3" });
    expect(response.headers.get("preference-applied")).toBe("connections=3");
    const ids = tableFromIPC(await response.bytes())
      .getChild("id")
      ?.toArray() as Int32Array;
    expect([ids.length, new Set(ids).size]).toEqual([300_000, 300_000]);
  });

  test("with a cache, one statement answers equal requests, and the next one needs none", async () => {
    const cached = await startServer(runtime, place, {
      DATABASE_URL: database.url,
      FRAISEQL_ARTIFACT_PATH: artifact,
      FRAISEQL_EXPORTS_CACHE_BYTES_MAX: "50000000",
      FRAISEQL_EXPORTS_DATA_VERSION: "none",
    });
    const get = async (): Promise<Uint8Array> => (await ask(cached.url, "{ rivers { id name } }")).bytes();
    let asked: Promise<Uint8Array[]> | undefined;
    await writer.begin(async (sql) => {
      await sql.unsafe("LOCK TABLE river");
      asked = Promise.all(Array.from({ length: 10 }, get));
      for (let look = 0; look < 50; look += 1) await untilStatements(watcher, 1, "wait_event_type = 'Lock'");
    });
    const all = (await asked) ?? [];
    expect(tableFromIPC(all[0] as Uint8Array).numRows).toBe(5_000);
    for (const bytes of all) expect(bytes).toEqual(all[0] as Uint8Array);
    await writer.begin(async (sql) => {
      await sql.unsafe("LOCK TABLE river");
      expect(await get()).toEqual(all[0] as Uint8Array);
    });
    expect(await cached.stop()).toBe(0);
  });

  test("what is wrong before the first byte is an error in JSON with its status", async () => {
    for (const [query, status, code] of [
      ["{ sea { id } }", 400, "VALIDATION_ERROR"],
      ["{ rivers { id } river(id: 1) { id } }", 400, "BAD_USER_INPUT"],
      ["{ rivers(limit: 400001) { id } }", 400, "PAGE_LIMIT"],
      ["{ brokenRivers(where: { id: { eq: 30000 } }) { q } }", 500, "DATABASE_ERROR"],
    ] as const) {
      const response = await ask(server.url, query);
      const body = (await response.json()) as { errors: { extensions: { code: string } }[] };
      expect([response.status, body.errors[0]?.extensions.code, response.headers.get("content-type")]).toEqual([
        status,
        code,
        "application/graphql-response+json; charset=utf-8",
      ]);
    }
  });

  test("an error in the middle breaks the connection off", async () => {
    const response = await ask(server.url, "{ brokenRivers(orderBy: { id: ASC }) { id q } }");
    expect(response.status).toBe(200);
    await expect(response.bytes()).rejects.toThrow();
  });

  test("a table longer than the limit is broken off", async () => {
    const response = await ask(server.url, "{ droplets { id } }");
    await expect(response.bytes()).rejects.toThrow();
  });

  test("HEAD runs nothing and says so", async () => {
    const url = `${server.url}?query=${encodeURIComponent("{ slowRivers { id wait } }")}`;
    const response = await fetch(url, { method: "HEAD", headers: { accept: ARROW } });
    expect([response.status, response.headers.get("allow")]).toEqual([405, "GET, POST"]);
  });

  test("a client that goes away ends its statement on the server", () =>
    expectStatementEnds(watcher, server.url, {
      query: "{ slowRivers { id wait } }",
      accept: ARROW,
      table: "slow_river",
    }));

  test("a client that does not read makes PostgreSQL wait, not the server's memory grow", () =>
    expectStallIsPassedOn(watcher, server, {
      query: "{ droplets(limit: 400000) { id name } }",
      accept: ARROW,
      table: "droplet",
    }));
});
