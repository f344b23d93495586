/** PostgreSQL gone, cut off, silent, full or slow: each a 503 with a code and `Retry-After`, and recovery without a restart. */

import { afterEach, expect, test } from "bun:test";
import { createApp } from "../../routes/app.ts";
import { type DatabaseOptions, openDatabase } from "../../src/adapters/postgres/database.ts";
import { introspect } from "../../src/adapters/postgres/introspect/introspect.ts";
import { createOperations } from "../../src/core/operations.ts";
import { modelFromCatalog } from "../../src/core/schema/from-catalog/from-catalog.ts";
import { answerQuery } from "../../src/flows/answers/answer-query.ts";
import type { Database } from "../../src/ports/database.ts";
import { type FaultProxy, faultProxy } from "../support/fault-proxy.ts";
import { runSql, testDatabase, testServer } from "../support/postgres.ts";
import { until } from "../support/until.ts";

const SETUP = `
  CREATE TABLE place (id int PRIMARY KEY, name text NOT NULL);
  INSERT INTO place VALUES (1, 'here');
  CREATE VIEW slow_place AS SELECT id, name, pg_sleep(600)::text AS wait FROM place;
`;
const POINT = "{ place(id: 1) { name } }";
const ANSWER = '{"data":{"place":{"name":"here"}}}';
const SLOW = "{ slowPlaces { wait } }";

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

type Scene = {
  readonly proxy: FaultProxy;
  /** Straight to the database, not through the proxy. */
  readonly admin: Database;
  readonly directUrl: string;
  ask(
    query: string,
    signal?: AbortSignal,
  ): Promise<{ status: number; code: string | undefined; retryAfter: string | null; body: string }>;
};

async function scene(options: Partial<DatabaseOptions> = {}): Promise<Scene> {
  const home = await testDatabase("failure", SETUP);
  cleanups.push(home.drop);
  const proxy = await faultProxy(home.url);
  cleanups.push(proxy.close);
  const admin = openDatabase({ url: home.url, applicationName: "admin", connectionsMax: 1 });
  cleanups.push(admin.close);
  const operations = createOperations(modelFromCatalog(await introspect(admin)).model);
  const database = openDatabase({ url: proxy.url, connectionsMax: 4, connectTimeoutMs: 500, ...options });
  cleanups.push(database.close);
  const app = createApp({
    answer: (request, caller) => answerQuery({ operations, database }, request, caller),
    table: () => Promise.reject(new Error("no table is asked for here")),
    ready: () => Promise.resolve(),
    report: () => undefined,
    bodyBytesMax: 10_000,
    showsGraphiql: false,
    shownSchema: undefined,
    allowedHosts: undefined,
  });
  const ask = async (query: string, signal?: AbortSignal) => {
    const response = await app.request("/graphql", {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/graphql-response+json" },
      body: JSON.stringify({ query }),
      ...(signal ? { signal } : {}),
    });
    const body = await response.text();
    const code = (JSON.parse(body) as { errors?: { extensions: { code: string } }[] }).errors?.[0]?.extensions.code;
    return { status: response.status, code, retryAfter: response.headers.get("retry-after"), body };
  };
  return { proxy, admin, directUrl: home.url, ask };
}

const UNAVAILABLE = { status: 503, code: "DATABASE_UNAVAILABLE", retryAfter: "1" };
/** The statements of the server under test that run now. */
const running = async ({ admin }: Scene): Promise<number> => {
  const count = `select count(*) from pg_stat_activity
    where datname = current_database() and application_name = 'fraiseql' and state = 'active'`;
  return Number((await admin.rows({ text: count, values: [] }))[0]![0]);
};
const burst = (place: Scene, query: string, count: number) =>
  Promise.all(Array.from({ length: count }, () => place.ask(query)));

test("a database that refuses connections is 503 at once, and answers follow when it is back", async () => {
  const place = await scene();
  expect((await place.ask(POINT)).body).toBe(ANSWER);
  await place.proxy.refuse();
  for (const answer of await burst(place, POINT, 20)) expect(answer).toMatchObject(UNAVAILABLE);
  await place.proxy.accept();
  for (const answer of await burst(place, POINT, 20)) expect(answer.body).toBe(ANSWER);
});

test("connections cut under running statements fail those and no later one", async () => {
  const place = await scene();
  const lost = burst(place, SLOW, 4);
  await until(async () => (await running(place)) === 4);
  place.proxy.cut();
  for (const answer of await lost) expect(answer).toMatchObject(UNAVAILABLE);
  for (const answer of await burst(place, POINT, 20)) expect(answer.body).toBe(ANSWER);
});

test("backends ended by the server fail what they ran, as in a restart, and the pool refills", async () => {
  const place = await scene();
  const lost = burst(place, SLOW, 4);
  await until(async () => (await running(place)) === 4);
  await runSql(
    place.directUrl,
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'fraiseql'",
  );
  for (const answer of await lost) expect(answer).toMatchObject(UNAVAILABLE);
  for (const answer of await burst(place, POINT, 20)) expect(answer.body).toBe(ANSWER);
});

test("idle connections that the server ended are not used again", async () => {
  const place = await scene();
  await burst(place, POINT, 20);
  await runSql(
    place.directUrl,
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'fraiseql'",
  );
  await until(
    async () => place.proxy.connections() === 0 || !(await place.admin.rows({ text: "select 1", values: [] })),
  );
  for (const answer of await burst(place, POINT, 20)) expect(answer.body).toBe(ANSWER);
});

test("a silent connection is given up after the statement timeout and some grace, and replaced", async () => {
  const place = await scene({ statementTimeoutMs: 200 });
  await place.ask(POINT);
  place.proxy.freeze();
  const start = performance.now();
  for (const answer of await burst(place, POINT, 8)) expect(answer).toMatchObject(UNAVAILABLE);
  expect(performance.now() - start).toBeLessThan(8_000);
  place.proxy.thaw();
  for (const answer of await burst(place, POINT, 20)) expect(answer.body).toBe(ANSWER);
});

test("a database that takes connections but never greets is 503 within the connect timeout", async () => {
  const place = await scene({ connectTimeoutMs: 200 });
  place.proxy.freeze();
  for (const answer of await burst(place, POINT, 4)) expect(answer).toMatchObject(UNAVAILABLE);
  place.proxy.thaw();
  expect((await place.ask(POINT)).body).toBe(ANSWER);
});

test("a database without free connections is 503, and answers follow when some are free", async () => {
  const place = await scene();
  const role = `small_${crypto.randomUUID().slice(0, 8)}`;
  const base = await testServer();
  await runSql(
    place.directUrl,
    `CREATE ROLE ${role} LOGIN PASSWORD 'x' CONNECTION LIMIT 1; GRANT SELECT ON place TO ${role}`,
  );
  cleanups.push(() => runSql(place.directUrl, `DROP OWNED BY ${role}`).then(() => runSql(base, `DROP ROLE ${role}`)));
  const url = new URL(place.directUrl);
  url.username = role;
  url.password = "x";
  const one = openDatabase({ url: url.href, connectionsMax: 1 });
  await one.text({ text: "select 'in'", values: [] });
  const full = openDatabase({ url: url.href, connectionsMax: 1 });
  cleanups.push(full.close);
  const refused = await full.text({ text: "select 'in'", values: [] }).catch((error) => error);
  expect([refused.code, refused.details]).toEqual(["DATABASE_UNAVAILABLE", { sqlstate: "53300" }]);
  await one.close();
  await until(async () =>
    full.text({ text: "select 'in'", values: [] }).then(
      () => true,
      () => false,
    ),
  );
});

test("slow statements hold up others only until the wait for a connection is over, and then free the pool", async () => {
  const place = await scene({ statementTimeoutMs: 1_000, waitMs: 300, connectionsMax: 2 });
  const slow = burst(place, SLOW, 2);
  await until(async () => (await running(place)) === 2);
  expect(await place.ask(POINT)).toMatchObject(UNAVAILABLE);
  const tooSlow = { status: 503, code: "STATEMENT_TIMEOUT", retryAfter: "1" };
  for (const answer of await slow) expect(answer).toMatchObject(tooSlow);
  expect((await place.ask(POINT)).body).toBe(ANSWER);
});

test("a client that goes away ends its statement on the server", async () => {
  const place = await scene();
  const clients = Array.from({ length: 4 }, () => new AbortController());
  const answers = clients.map((client) => place.ask(SLOW, client.signal).catch(() => undefined));
  await until(async () => (await running(place)) === 4);
  for (const client of clients) client.abort();
  await Promise.all(answers);
  await until(async () => (await running(place)) === 0);
  for (const answer of await burst(place, POINT, 20)) expect(answer.body).toBe(ANSWER);
});

test("a client that goes away while the cancel request cannot get through costs one connection, not the pool", async () => {
  const place = await scene({ connectionsMax: 1, connectTimeoutMs: 200, statementTimeoutMs: 60_000 });
  const client = new AbortController();
  const answer = place.ask(SLOW, client.signal).catch(() => undefined);
  await until(async () => (await running(place)) === 1);
  place.proxy.freeze();
  client.abort();
  await answer;
  place.proxy.thaw();
  await until(async () => (await place.ask(POINT)).body === ANSWER);
});
