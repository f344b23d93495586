/** What a worker's port tells to whom: pages of other sites, names that lead here, and whoever asks for its health. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { compileDatabase } from "../../src/compose/compile-database.ts";
import { openWorkers, type Workers } from "../../src/compose/workers.ts";
import { loadConfig } from "../../src/config/load-config.ts";
import { createWorkerApp } from "../../workers/worker-app.ts";
import { type MigratedDatabase, migratedDatabase } from "../support/migrated.ts";

const TOKEN = "0123456789abcdef0123456789abcdef";
let home: MigratedDatabase;
let workers: Workers;
beforeAll(async () => {
  home = await migratedDatabase("worker_port");
  await home.sql.unsafe("create table public.city (id int primary key)");
  const { artifact } = await compileDatabase(home.url);
  const config = loadConfig({ env: { DATABASE_URL: home.url } });
  workers = await openWorkers({ config, environment: {}, artifact, log: () => {} });
});
afterAll(async () => {
  await workers.close();
  await home.drop();
});

const appOf = (token?: string) => createWorkerApp({ workers, token, bodyBytesMax: 100_000, report: () => {} });

const READ = ["/api/rules", "/api/jobs", "/api/events", "/api/status", "/api/openapi.json", "/metrics"];

test("without a token, a page whose name leads to this machine reads nothing", async () => {
  // The runtime makes the URL of a request out of `Host`.
  const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: appOf().fetch });
  for (const path of READ) {
    const status = async (host: string) => (await fetch(new URL(path, server.url), { headers: { host } })).status;
    expect([path, await status("localhost:8001"), await status("evil.example:8001")]).toEqual([path, 200, 403]);
  }
  await server.stop(true);
});

test("with a token, the name is the client's business and everything but its health wants the token", async () => {
  const app = appOf(TOKEN);
  for (const path of READ) {
    const status = async (headers: Record<string, string>) =>
      (await app.request(path, { headers: { host: "workers.internal", ...headers } })).status;
    const statuses = [await status({}), await status({ authorization: `Bearer ${TOKEN}x` })];
    expect([path, ...statuses, await status({ authorization: `Bearer ${TOKEN}` })]).toEqual([path, 401, 401, 200]);
  }
});

test.each([
  { origin: "https://evil.example" },
  { origin: "null" },
  { origin: "http://localhost.evil.example" },
  { origin: "http://127.0.0.1.evil.example" },
  { "sec-fetch-site": "cross-site" },
])("a page of another site is refused: %p", async (headers) => {
  const body = JSON.stringify({ rules: [], removeOthers: true });
  const options = { method: "POST", body, headers: { "content-type": "application/json", ...headers } };
  expect((await appOf().request("/api/rules/apply", options)).status).toBe(403);
});

test("a form of this machine's pages cannot change rules, for it cannot say that it sends JSON", async () => {
  const options = { method: "POST", body: "{}", headers: { "content-type": "text/plain" } };
  expect((await appOf().request("/api/rules/apply", options)).status).toBe(415);
});

test("health and status show no text of others' statements", async () => {
  const other = await home.sql.reserve();
  await other`begin`;
  await other.unsafe("insert into public.city values (length('hunter2')); select $q$hunter2$q$, 'hunter2'").simple();
  const health = await (await appOf(TOKEN).request("/health/ready")).text();
  expect(health).not.toContain("hunter2");
  expect(health).not.toContain("insert into");
  expect(JSON.parse(health).outbox.oldestWriter).toMatchObject({ pid: expect.any(Number), ageMs: expect.any(Number) });
  const status = await (await appOf().request("/api/status")).text();
  expect(status).not.toContain("hunter2");
  expect(JSON.parse(status).outbox.oldestWriter.query).toBe("insert into public.city values (length(…");
  await other`rollback`;
  other.release();
});

test("however many ask for health at once, the database is asked once, and anew when that is over", async () => {
  const ask = () => Promise.all(Array.from({ length: 1_000 }, () => workers.readiness()));
  const [first, second] = [new Set(await ask()), new Set(await ask())];
  expect([first.size, second.size, new Set([...first, ...second]).size]).toEqual([1, 1, 2]);
});

test("a thousand levels of JSON, a name of a prototype and a long list are refused, not run into", async () => {
  const app = appOf();
  const status = async (path: string, body: string) =>
    (await app.request(path, { method: "POST", body, headers: { "content-type": "application/json" } })).status;
  const deep = (levels: number) => `${'{"_not":'.repeat(levels)}{}${"}".repeat(levels)}`;
  const rule = (condition: string) =>
    `{"rules":[{"name":"r","on":"city","operations":["insert"],"when":${condition},"actions":[]}]}`;
  for (const body of [
    "[".repeat(40_000),
    rule(deep(1_000)),
    rule('{"__proto__":{"_eq":1}}'),
    '{"rules":[],"__proto__":{"x":1}}',
  ]) {
    expect([400, 422]).toContain(await status("/api/rules/plan", body));
  }
  expect(await status("/api/rules/plan", `{"rules":[${"{},".repeat(50_000)}{}]}`)).toBe(413);
  expect(await status("/api/jobs/discard", "{}")).toBe(400);
});
