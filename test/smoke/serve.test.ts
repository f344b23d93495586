/** One suite over HTTP against the server on each runtime. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { openDatabase } from "../../src/adapters/postgres/database.ts";
import { compileDatabase } from "../../src/compose/compile-database.ts";
import type { Database } from "../../src/ports/database.ts";
import { faultProxy } from "../support/fault-proxy.ts";
import { keptConnection } from "../support/kept-connection.ts";
import { type TestDatabase, testDatabase } from "../support/postgres.ts";
import { until, untilSessions } from "../support/until.ts";
import { RUNTIMES, type ServerProcess, startServer, type Workplace, workplace } from "./servers.ts";

const SETUP = `
  CREATE TABLE river (id int PRIMARY KEY, name text NOT NULL, length numeric, source jsonb);
  INSERT INTO river SELECT n, 'river ' || n || ' ж', n * 1.50, jsonb_build_object('m', n) FROM generate_series(1, 2000) n;
  CREATE TABLE boat (id int PRIMARY KEY, name text NOT NULL);
  CREATE VIEW slow_river AS SELECT id, name, pg_sleep(600)::text AS wait FROM river;
  CREATE VIEW paused_river AS SELECT id, name FROM river, pg_sleep(0.5) WHERE id = 1;
`;

let place: Workplace;
let database: TestDatabase;
let artifact: string;
let watcher: Database;
beforeAll(async () => {
  place = await workplace();
  database = await testDatabase("smoke", SETUP);
  watcher = openDatabase({ url: database.url, applicationName: "watcher", connectionsMax: 1 });
  artifact = join(place.directory, "schema.compiled.json");
  await writeFile(artifact, (await compileDatabase(database.url)).artifact);
});
afterAll(async () => {
  await watcher.close();
  await database.drop();
  await place.remove();
});

const post = (
  url: string,
  query: string,
  options: { variables?: object; accept?: string; signal?: AbortSignal } = {},
) =>
  fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", accept: options.accept ?? "application/json" },
    body: JSON.stringify({ query, variables: options.variables }),
    ...(options.signal ? { signal: options.signal } : {}),
  });

/** What comes back for a request as it is written here; `fetch` would mend it. */
async function rawRequest(url: string, head: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname, () => socket.write(`${head}\r\nconnection: close\r\n\r\n`));
  let text = "";
  for await (const chunk of socket) text += chunk;
  return text;
}

/** So many statements of the server read the view. */
const untilRunning = (view: string, count: number) =>
  untilSessions(watcher, count, `state = 'active' and application_name = 'fraiseql' and query like '%${view}%'`);

describe.each(RUNTIMES)("on %s", (runtime) => {
  let server: ServerProcess;
  beforeAll(async () => {
    server = await startServer(runtime, place, { DATABASE_URL: database.url, FRAISEQL_ARTIFACT_PATH: artifact });
  });

  test("a query with variables is answered", async () => {
    const query = "query ($id: Int!) { river(id: $id) { name length source } }";
    const response = await post(server.url, query, { variables: { id: 7 } });
    expect([response.status, await response.text()]).toEqual([
      200,
      '{"data":{"river":{"name":"river 7 ж","length":"10.50","source":{"m": 7}}}}',
    ]);
  });

  test("a GET is answered too", async () => {
    const response = await fetch(`${server.url}?query=${encodeURIComponent("{ river(id: 1) { id } }")}`);
    expect(await response.json()).toEqual({ data: { river: { id: 1 } } });
  });

  test("a long answer arrives whole", async () => {
    const { data } = (await (await post(server.url, "{ rivers(orderBy: { id: ASC }) { id name } }")).json()) as {
      data: { rivers: { id: number; name: string }[] };
    };
    expect(data.rivers.length).toBe(2000);
    expect(data.rivers[1999]).toEqual({ id: 2000, name: "river 2000 ж" });
  });

  test("many requests at once get their own answers", async () => {
    const ids = Array.from({ length: 200 }, (_, index) => index + 1);
    const bodies = await Promise.all(
      ids.map(async (id) =>
        (await post(server.url, `query ($id: Int!) { river(id: $id) { id } }`, { variables: { id } })).text(),
      ),
    );
    expect(bodies).toEqual(ids.map((id) => `{"data":{"river":{"id":${id}}}}`));
  });

  test("the schema can be introspected", async () => {
    const response = await post(server.url, '{ __type(name: "River") { fields { name } } }');
    const { data } = (await response.json()) as { data: { __type: { fields: { name: string }[] } } };
    expect(data.__type.fields.map(({ name }) => name)).toContain("length");
  });

  test("a mutation changes what it says and answers with it", async () => {
    const insert = await post(server.url, 'mutation { insertBoat(values: { id: 1, name: "Ark" }) { name } }');
    expect(await insert.json()).toEqual({ data: { insertBoat: { name: "Ark" } } });
    const remove = await post(server.url, "mutation { deleteBoat(id: 1) { id name } }");
    expect(await remove.json()).toEqual({ data: { deleteBoat: { id: 1, name: "Ark" } } });
  });

  test("GraphiQL is shown, and told the schema", async () => {
    const page = await fetch(server.url, { headers: { accept: "text/html" } });
    expect([page.status, (await page.text()).includes("GraphiQL.createFetcher")]).toEqual([200, true]);
    const told = await post(`${server.url}/introspection`, "{ __schema { mutationType { name } } }");
    expect(await told.json()).toEqual({ data: { __schema: { mutationType: { name: "Mutation" } } } });
  });

  test("a configuration file is read", async () => {
    const file = join(place.directory, "small.toml");
    await writeFile(file, "[limits]\ndepthMax = 1\n");
    const small = await startServer(runtime, place, {
      DATABASE_URL: database.url,
      FRAISEQL_ARTIFACT_PATH: artifact,
      FRAISEQL_CONFIG: file,
    });
    expect(await (await post(small.url, "{ rivers(limit: 1) { id } }")).text()).toContain("DEPTH_LIMIT");
    expect(await small.stop()).toBe(0);
  });

  test("a wrong document is refused with its code and status", async () => {
    const response = await post(server.url, "{ sea }", { accept: "application/graphql-response+json" });
    const body = (await response.json()) as { errors: { extensions: { code: string } }[] };
    expect([response.status, body.errors[0]?.extensions.code]).toEqual([400, "VALIDATION_ERROR"]);
  });

  test("a document that nests a thousand times and more is the client's fault, and not the server's", async () => {
    for (const open of ["{a", "{a(b:[{c:", "{a(b:[[[[[[[["]) {
      const levels = Math.floor(4_000 / open.length) * 2;
      const response = await post(server.url, open.repeat(levels), { accept: "application/graphql-response+json" });
      const body = (await response.json()) as { errors: { extensions: { code: string } }[] };
      expect([response.status, ["TOKEN_LIMIT", "DEPTH_LIMIT", "PARSE_ERROR"]]).toEqual([
        400,
        expect.arrayContaining([body.errors[0]?.extensions.code]),
      ]);
    }
    const whole = await post(server.url, `${"{a".repeat(1_300)}${"}".repeat(1_300)}`);
    const { errors } = (await whole.json()) as { errors: { extensions: { code: string } }[] };
    expect(errors[0]?.extensions.code).toBe("DEPTH_LIMIT");
  });

  test("a body over the limit is refused", async () => {
    for (const length of [1_100_000, 20_000_000]) {
      const response = await post(server.url, `{ __typename } # ${"x".repeat(length)}`);
      const body = (await response.json()) as { errors: { extensions: { code: string } }[] };
      expect([response.status, body.errors[0]?.extensions.code]).toEqual([413, "PAYLOAD_TOO_LARGE"]);
    }
  });

  test("a client that goes away ends its statement on the server", async () => {
    const client = new AbortController();
    const answer = post(server.url, "{ slowRivers { wait } }", { signal: client.signal }).catch(() => "gone");
    await untilRunning("slow_river", 1);
    client.abort();
    expect(await answer).toBe("gone");
    await untilRunning("slow_river", 0);
  });

  test("a name that leads here from elsewhere gets no answer, and neither does what is no name", async () => {
    for (const host of ["evil.example", "a b"]) {
      const response = await rawRequest(server.url, `GET /graphql?query={__typename} HTTP/1.1\r\nhost: ${host}`);
      expect(response).toMatch(/^HTTP\/1.1 4(21|00) .*"code":"(HOST_NOT_ALLOWED|REQUEST_ERROR)"/s);
    }
    const own = await rawRequest(server.url, "GET /graphql?query={__typename} HTTP/1.1\r\nhost: app.localhost:1");
    expect(own).toContain('{"data":{"__typename":"Query"}}');
  });

  test("it is live and ready", async () => {
    const { origin } = new URL(server.url);
    expect((await fetch(`${origin}/health/live`)).status).toBe(200);
    expect(await (await fetch(`${origin}/health/ready`)).json()).toEqual({ status: "ready" });
  });

  test("SIGTERM ends it when the requests it has begun are answered; nothing of all this was a fault to be logged", async () => {
    const last = post(server.url, "{ pausedRivers(limit: 1) { name } }");
    await untilRunning("paused_river", 1);
    const ended = server.stop();
    expect(await (await last).text()).toBe('{"data":{"pausedRivers":[{"name":"river 1 ж"}]}}');
    expect(await ended).toBe(0);
    expect(await fetch(server.url).catch(() => "refused")).toBe("refused");
    expect(await server.stderr).toBe("");
  });

  test("while it drains balancers are told, and clients are answered and let go of", async () => {
    const env = { DATABASE_URL: database.url, FRAISEQL_ARTIFACT_PATH: artifact, FRAISEQL_SERVER_DRAIN_MS: "3000" };
    const draining = await startServer(runtime, place, env);
    const kept = keptConnection(draining.url);
    const body = JSON.stringify({ query: "{ river(id: 1) { id } }" });
    expect((await kept.post("/graphql", body)).isLast).toBe(false);
    const ended = draining.stop();
    const { origin } = new URL(draining.url);
    await until(async () => (await fetch(`${origin}/health/ready`)).status === 503);
    const last = { status: 200, text: '{"data":{"river":{"id":1}}}', isLast: true };
    expect([await kept.post("/graphql", body), await kept.post("/graphql", body)]).toEqual([last, last]);
    expect(await ended).toBe(0);
  });

  test("what takes longer than a stopping server waits is cut off, and ends in the database too", async () => {
    const env = { DATABASE_URL: database.url, FRAISEQL_ARTIFACT_PATH: artifact, FRAISEQL_SERVER_STOP_MS: "1" };
    const hasty = await startServer(runtime, place, env);
    const queries = ["{ slowRivers { wait } }", "{ slowRivers(limit: 10000) { wait } }"];
    const cut = queries.map((query) =>
      post(hasty.url, query)
        .then(({ status }) => status)
        .catch(() => "cut"),
    );
    await untilRunning("slow_river", 2);
    expect(await hasty.stop()).toBe(0);
    expect(await Promise.all(cut)).not.toContain(200);
    await untilRunning("slow_river", 0);
  });

  test("an artifact that would give wrong answers is not served", async () => {
    const other = await testDatabase("smoke_other", SETUP.replace("name text NOT NULL", "name text"));
    const start = startServer(runtime, place, { DATABASE_URL: other.url, FRAISEQL_ARTIFACT_PATH: artifact });
    await expect(start).rejects.toThrow(/ended with 1: ARTIFACT_MISMATCH: .*river/s);
    await other.drop();
  });

  test("a database that is away at the start is waited for", async () => {
    const proxy = await faultProxy(database.url);
    await proxy.refuse();
    const late = await startServer(runtime, place, { DATABASE_URL: proxy.url, FRAISEQL_ARTIFACT_PATH: artifact });
    const refused = await post(late.url, "{ river(id: 1) { id } }");
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "1"]);
    expect((await fetch(`${new URL(late.url).origin}/health/ready`)).status).toBe(503);
    await proxy.accept();
    expect(await (await post(late.url, "{ river(id: 1) { id } }")).json()).toEqual({ data: { river: { id: 1 } } });
    expect(await late.stop()).toBe(0);
    expect(await late.stderr).toContain("DATABASE_UNAVAILABLE");
    await proxy.close();
  });

  test("a database that comes back with other tables gets no answers, and clients are not told how it differs", async () => {
    const other = await testDatabase("smoke_late", SETUP.replace("name text NOT NULL", "name text"));
    const proxy = await faultProxy(other.url);
    await proxy.refuse();
    const late = await startServer(runtime, place, { DATABASE_URL: proxy.url, FRAISEQL_ARTIFACT_PATH: artifact });
    await proxy.accept();
    const refused = await post(late.url, "{ river(id: 1) { id } }");
    const body = await refused.text();
    expect([refused.status, body.includes("ARTIFACT_MISMATCH"), body.includes("river")]).toEqual([500, true, false]);
    const ready = await fetch(`${new URL(late.url).origin}/health/ready`);
    expect([ready.status, (await ready.text()).includes("river")]).toEqual([503, false]);
    expect(await late.stop()).toBe(0);
    expect(await late.stderr).toContain("river");
    await proxy.close();
    await other.drop();
  });

  test("a busy port, a wrong setting and a missing artifact are said before anything is served", async () => {
    const taken = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response() });
    const env = { DATABASE_URL: database.url, FRAISEQL_ARTIFACT_PATH: artifact };
    const start = (more: Record<string, string>) => startServer(runtime, place, { ...env, ...more });
    await expect(start({ FRAISEQL_SERVER_PORT: String(taken.port) })).rejects.toThrow(
      /ended with 1: CONFIG_INVALID: .*another server/s,
    );
    await expect(start({ FRAISEQL_SERVER_PORT: "x" })).rejects.toThrow(/ended with 1: CONFIG_INVALID: .*server\.port/s);
    await expect(start({ FRAISEQL_ARTIFACT_PATH: "none.json" })).rejects.toThrow(
      /ended with 1: ARTIFACT_INVALID: .*none\.json/s,
    );
    await taken.stop(true);
  });
});
