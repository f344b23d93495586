import { expect, test } from "bun:test";
import { loadConfig } from "../../src/config/load-config.ts";
import { allowsIntrospection, showsGraphiql } from "../../src/config/server-access.ts";
import { FraiseqlError } from "../../src/core/errors.ts";

const url = "postgres://me@localhost/world";

function problemsOf(toml: string | undefined, env: Record<string, string>): string[] {
  try {
    loadConfig({ toml, env });
  } catch (error) {
    expect(error).toBeInstanceOf(FraiseqlError);
    expect((error as FraiseqlError).code).toBe("CONFIG_INVALID");
    return (error as FraiseqlError).message.split("\n").map((line) => line.trim());
  }
  throw new Error("the configuration was accepted");
}

test("a connection URL is all that has to be given", () => {
  const config = loadConfig({ env: { DATABASE_URL: url } });
  expect(config.database).toEqual({
    url,
    connectionsMax: 10,
    writeConnectionsMax: 5,
    connectTimeoutMs: 5000,
    waitersMax: 1000,
    waitMs: 10_000,
  });
  expect(config.server).toEqual({ host: "127.0.0.1", port: 8000, stopMs: 10_000 });
  expect(config.limits.bodyBytesMax).toBe(1_048_576);
  expect(config.artifact.path).toBe("schema.compiled.json");
});

test("the environment overrides the file, and a key's own variable the customary one", () => {
  const toml = `[server]\nport = 1\nhost = "0.0.0.0"\n[database]\nurl = "postgres://file/file"`;
  const env = { DATABASE_URL: url, PORT: "2", FRAISEQL_SERVER_PORT: "3", FRAISEQL_LIMITS_DEPTH_MAX: "7" };
  const config = loadConfig({ toml, env });
  expect(config.server.port).toBe(3);
  expect(config.server.host).toBe("0.0.0.0");
  expect(config.database.url).toBe(url);
  expect(config.limits.depthMax).toBe(7);
});

test("an empty variable is as good as none", () => {
  expect(loadConfig({ env: { DATABASE_URL: url, PORT: "" } }).server.port).toBe(8000);
});

test("a text that looks like a number stays a text where a text is wanted", () => {
  expect(loadConfig({ env: { DATABASE_URL: url, FRAISEQL_ARTIFACT_PATH: "12" } }).artifact.path).toBe("12");
});

test("GraphiQL is off in production unless it is asked for", () => {
  const server = (env: Record<string, string>) => loadConfig({ env: { DATABASE_URL: url, ...env } }).server;
  expect(showsGraphiql(server({}))).toBe(true);
  expect(showsGraphiql(server({ FRAISEQL_SERVER_HOST: "::1" }))).toBe(true);
  expect(showsGraphiql(server({ FRAISEQL_SERVER_MODE: "production" }))).toBe(false);
  expect(showsGraphiql(server({ FRAISEQL_SERVER_MODE: "production", FRAISEQL_SERVER_GRAPHIQL: "true" }))).toBe(true);
});

test("a server that others can reach is one of production unless it is said to be in development", () => {
  const server = (env: Record<string, string>) => loadConfig({ env: { DATABASE_URL: url, ...env } }).server;
  for (const host of ["0.0.0.0", "::", "10.1.2.3", "api.example", "127.0.0.1.example"]) {
    const open = server({ FRAISEQL_SERVER_HOST: host });
    expect([host, showsGraphiql(open), allowsIntrospection(open)]).toEqual([host, false, false]);
  }
  const said = server({ FRAISEQL_SERVER_HOST: "0.0.0.0", FRAISEQL_SERVER_MODE: "development" });
  expect([showsGraphiql(said), allowsIntrospection(said)]).toEqual([true, true]);
});

test("a list in the environment is separated by commas", () => {
  const { server } = loadConfig({
    env: { DATABASE_URL: url, FRAISEQL_SERVER_ALLOWED_HOSTS: "a.example, *.b.example" },
  });
  expect(server.allowedHosts).toEqual(["a.example", "*.b.example"]);
  const ports = (text: string) =>
    loadConfig({ env: { DATABASE_URL: url, FRAISEQL_WEBHOOKS_PORTS: text } }).webhooks.ports;
  expect([ports("443, 8443"), ports("443")]).toEqual([[443, 8443], [443]]);
});

test("all problems are reported at once, each with the place it comes from", () => {
  const toml = `[server]\nport = 70000\nporte = 1\n[limit]\n[database]\nwaitMs = 0.5`;
  const env = { FRAISEQL_LIMITS_DEPTH_MAX: "0", FRAISEQL_SERVER_MODE: "prod", FRAISEQL_SERVER_PROT: "1" };
  expect(problemsOf(toml, env)).toEqual([
    "The configuration is not valid:",
    "there is no setting for the environment variable FRAISEQL_SERVER_PROT; did you mean FRAISEQL_SERVER_PORT?",
    "server.port: expected at most 65535, got 70000",
    'server.mode: expected one of "development", "production", got "prod" from FRAISEQL_SERVER_MODE',
    "there is no setting server.porte; did you mean port?",
    "database.url: expected a connection URL, for example DATABASE_URL=postgres://user:password@localhost:5432/mydb, got nothing",
    "database.waitMs: expected int, got 0.5",
    "limits.depthMax: expected at least 1, got 0 from FRAISEQL_LIMITS_DEPTH_MAX",
    "there is no setting limit; did you mean limits?",
  ]);
});

test("a wrong connection URL is not repeated, since it may hold a password", () => {
  const problems = problemsOf(undefined, { DATABASE_URL: "mysql://me:secret@host/db" });
  expect(problems.join()).toContain("expected a connection URL that begins with postgres://");
  expect(problems.join()).not.toContain("secret");
});

test("a file that is not TOML is refused with its line and column", () => {
  expect(problemsOf("[server]\nport = = 1", { DATABASE_URL: url })[0]).toStartWith(
    "The configuration file is not TOML: line 2, column 8: ",
  );
});

test("rules publish under a prefix that is not of the bus", () => {
  const prefixOf = (prefix: string) =>
    loadConfig({ env: { DATABASE_URL: url, FRAISEQL_NATS_PUBLISH_PREFIX: prefix } }).nats.publishPrefix;
  for (const prefix of ["shop.", "fql.out.", "fqlx.ev."]) expect(prefixOf(prefix)).toBe(prefix);
  for (const prefix of ["shop", "fql.", "fql.ev.", "fql.refused.3.", "_INBOX.", "$JS.", "a..", "*.", ">."])
    expect(() => prefixOf(prefix)).toThrow("expected a prefix such as shop.");
});
