import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { endStarted, npmStart, paste } from "../support/npm-start.ts";
import { testDatabase } from "../support/postgres.ts";
import { familyOf, gone, isAlive, killAll } from "../support/processes.ts";

const ROOT = join(import.meta.dir, "..", "..");
const NOBODY = 65534;

let base: string;
let state: string;
beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), "fraiseql start "));
  chmodSync(base, 0o711);
  state = join(base, "state");
});
afterAll(() => rm(base, { recursive: true, force: true }));

afterEach(endStarted);

async function send(url: string, query: string): Promise<unknown> {
  const headers = { "content-type": "application/json" };
  return (await fetch(`${url}/graphql`, { method: "POST", headers, body: JSON.stringify({ query }) })).json();
}

async function query(url: string, text: string): Promise<unknown[]> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    return [...(await sql.unsafe(text))];
  } finally {
    await sql.end();
  }
}

const SWITZERLAND = {
  data: {
    countryByCode: {
      name: "Switzerland",
      capital: "Bern",
      languageNames: ["German", "French", "Italian"],
      cities: [
        { name: "Aadorf", region: { name: "Thurgau", cityCount: 46 } },
        { name: "Aarau", region: { name: "Aargau", cityCount: 116 } },
      ],
    },
  },
};

describe.skipIf(process.platform !== "linux")("npm start", () => {
  test("loads the example, prints the addresses and a command that answers when it is pasted", async () => {
    const server = await npmStart({ directory: state });
    expect(server.printed()).toContain("Loading world into PostgreSQL (once)");
    expect(server.printed()).toContain(`${server.url}/health/ready`);
    expect(await paste(server.curl)).toEqual(SWITZERLAND);
    expect((await fetch(`${server.url}/health/ready`)).status).toBe(200);
    expect(
      await send(
        server.url,
        'mutation { updateCities(where: { name: { eq: "Aadorf" } }, set: { population: 9000 }) { name population } }',
      ),
    ).toEqual({
      data: { updateCities: [{ name: "Aadorf", population: 9000 }] },
    });
    const page = await fetch(`${server.url}/graphql`, { headers: { accept: "text/html" } });
    expect(await page.text()).toContain("GraphiQL");
    const roles = `SELECT DISTINCT usename, rolsuper FROM pg_stat_activity JOIN pg_roles ON rolname = usename
      WHERE application_name = 'fraiseql'`;
    expect(await query(server.databaseUrl, `${roles} ORDER BY usename`)).toEqual([
      { usename: "fraiseql_reader", rolsuper: false },
      { usename: "fraiseql_writer", rolsuper: false },
    ]);
    await query(server.databaseUrl, "CREATE TABLE mine (word text); INSERT INTO mine VALUES ('kept')");
    await server.interrupt();
  }, 120_000);

  test("uses the data again, answers within three seconds, and Ctrl-C leaves no process behind", async () => {
    const begin = performance.now();
    const server = await npmStart({ directory: state });
    expect(await paste(server.curl)).toEqual(SWITZERLAND);
    expect(performance.now() - begin).toBeLessThan(3_000);
    expect(server.printed()).not.toContain("Loading");
    expect(await query(server.databaseUrl, "SELECT word FROM mine")).toEqual([{ word: "kept" }]);
    const body = JSON.stringify({ query: "{ mines { word } }" });
    const headers = { "content-type": "application/json" };
    const mine = await fetch(`${server.url}/graphql`, { method: "POST", headers, body });
    expect(await mine.json()).toEqual({ data: { mines: [{ word: "kept" }] } });
    const family = await server.interrupt();
    expect(family.length).toBeGreaterThan(5);
    expect(family.filter(isAlive)).toEqual([]);
    // In order: each process heard of it more than once.
    expect(await server.ended).toBe(0);
  });

  test("ends as one when only npm is told to stop", async () => {
    const server = await npmStart({ directory: state });
    const family = familyOf(server.pid);
    process.kill(server.pid, "SIGTERM");
    await gone(...family);
    await expect(fetch(server.url)).rejects.toThrow();
  });

  test("recovers after everything was killed", async () => {
    const first = await npmStart({ directory: state });
    await query(first.databaseUrl, "INSERT INTO mine VALUES ('committed')");
    const family = familyOf(first.pid);
    killAll(family);
    await gone(...family);
    const second = await npmStart({ directory: state });
    expect(await paste(second.curl)).toEqual(SWITZERLAND);
    expect(await query(second.databaseUrl, "SELECT word FROM mine")).toEqual([{ word: "kept" }, { word: "committed" }]);
    await second.interrupt();
  });

  test("a second instance is refused, and the first goes on", async () => {
    const first = await npmStart({ directory: state });
    const second = await npmStart({ directory: state });
    expect(await second.ended).not.toBe(0);
    expect(second.printed()).toMatch(
      /CONFIG_INVALID: Another FraiseQL \(process \d+\) is using .*start .*state.*kill \d+/,
    );
    expect(await paste(first.curl)).toEqual(SWITZERLAND);
    await first.interrupt();
  });

  test("a busy port is refused, with what to do, and nothing keeps running", async () => {
    // As one would who is ready to share it, which another FraiseQL is not either.
    const other = Bun.serve({ port: 0, hostname: "127.0.0.1", reusePort: true, fetch: () => new Response("mine") });
    const server = await npmStart({ directory: state, env: { PORT: String(other.port) } });
    expect(await server.ended).not.toBe(0);
    expect(server.printed()).toContain(`Nothing can listen on 127.0.0.1:${other.port}`);
    expect(server.printed()).toContain("PORT");
    expect(existsSync(join(state, "postgres", "data", "postmaster.pid"))).toBe(false);
    await other.stop(true);
  });

  test("with DATABASE_URL set it serves that database and starts none", async () => {
    const own = await testDatabase(
      "own",
      "CREATE TABLE planet (name text PRIMARY KEY); INSERT INTO planet VALUES ('Mars')",
    );
    const directory = join(base, "own");
    const server = await npmStart({ directory, env: { DATABASE_URL: own.url } });
    const body = JSON.stringify({ query: "{ planets { name } }" });
    const answer = await fetch(`${server.url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    });
    expect(await answer.json()).toEqual({ data: { planets: [{ name: "Mars" }] } });
    expect(await paste(server.curl)).toHaveProperty("data.__schema.queryType.fields");
    expect(server.printed()).toContain("no PostgreSQL is started");
    // A password of one's own does not belong on the screen.
    expect(server.printed()).not.toContain("postgres:");
    expect(existsSync(join(directory, "postgres"))).toBe(false);
    await server.interrupt();
    await own.drop();
  });

  test("where others can reach it, it shows no GraphiQL, and its command asks for nothing of the schema", async () => {
    const own = await testDatabase("open", "CREATE TABLE planet (name text PRIMARY KEY)");
    const env = { DATABASE_URL: own.url, FRAISEQL_SERVER_HOST: "0.0.0.0" };
    const server = await npmStart({ directory: join(base, "open"), env });
    expect(server.printed()).not.toContain("GraphiQL");
    expect(await paste(server.curl)).toEqual({ data: { __typename: "Query" } });
    const body = JSON.stringify({ query: "{ __schema { types { name } } }" });
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${server.url}/graphql`, { method: "POST", headers, body });
    expect(await answer.json()).toHaveProperty("errors");
    await server.interrupt();
    await own.drop();
  });

  test("says what is wrong with a setting before it starts anything", async () => {
    const directory = join(base, "never");
    const server = await npmStart({ directory, env: { PORT: "eight" } });
    expect(await server.ended).not.toBe(0);
    expect(server.printed()).toContain('server.port: expected number, got "eight" from PORT');
    expect(server.printed()).not.toContain("database.url");
    expect(existsSync(directory)).toBe(false);
  });

  test.skipIf(process.getuid?.() !== 0)("runs as an ordinary user too", async () => {
    for (const path of [state, ...readdirSync(state).map((name) => join(state, name))]) chownSync(path, NOBODY, NOBODY);
    const command = ["node", join(ROOT, "scripts", "start.mjs")];
    const server = await npmStart({ directory: state, command, uid: NOBODY });
    expect(await paste(server.curl)).toEqual(SWITZERLAND);
    await server.interrupt();
  });
});
