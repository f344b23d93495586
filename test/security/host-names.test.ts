/** A page whose name leads to this machine (DNS rebinding) is same-origin to the browser; only `Host` gives it away. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { connect } from "node:net";
import { hostCheck } from "../../routes/allowed-host.ts";
import { createApp } from "../../routes/app.ts";
import { serveWithBun } from "../../routes/serve.bun.ts";
import { compileDatabase } from "../../src/compose/compile-database.ts";
import { openEdge } from "../../src/compose/edge.ts";
import { loadConfig } from "../../src/config/load-config.ts";
import { allowedHosts } from "../../src/config/server-access.ts";
import { type TestDatabase, testDatabase } from "../support/postgres.ts";

let home: TestDatabase;
let artifact: string;
beforeAll(async () => {
  home = await testDatabase("hosts", "CREATE TABLE secret (id int PRIMARY KEY); INSERT INTO secret VALUES (42)");
  artifact = (await compileDatabase(home.url)).artifact;
});
afterAll(() => home.drop());

const configOf = (env: Record<string, string>) => loadConfig({ env: { DATABASE_URL: home.url, ...env } });

/** What a server with these settings answers to `{ secrets { id } }` under each name: "read", or the error's code. */
async function answers(env: Record<string, string>, hosts: readonly string[]): Promise<string[]> {
  const config = configOf(env);
  const edge = await openEdge({ config, artifact, report: () => undefined });
  const server = serveWithBun(edge, { ...config.server, port: 0 });
  const url = `${server.url}/graphql`;
  const post = { method: "POST", body: '{"query":"{ secrets { id } }"}' };
  const told = async (host: string) => {
    const headers = { host, "content-type": "application/json" };
    const bodies = await Promise.all([
      fetch(url, { ...post, headers }).then((response) => response.text()),
      fetch(`${url}?query={secrets{id}}`, { headers }).then((response) => response.text()),
    ]);
    const [first, second] = bodies.map((body) =>
      body === '{"data":{"secrets":[{"id":42}]}}' ? "read" : JSON.parse(body).errors[0].extensions.code,
    );
    return first === second ? first : `${first} or ${second}`;
  };
  const all: string[] = [];
  for (const host of hosts) all.push(await told(host));
  await server.stop();
  await edge.close();
  return all;
}

const THIS_MACHINE = [
  "localhost:8000",
  "LOCALHOST",
  "localhost.",
  "api.localhost:1",
  "127.0.0.1:8000",
  "127.9.9.9",
  "[::1]:80",
];
const OTHERS = [
  "evil.example",
  "evil.example:8000",
  "localhost.evil.example",
  "127.0.0.1.evil.example:8000",
  "evillocalhost",
  "10.0.0.1:8000",
  "[fe80::1]",
];

describe("on a loopback address", () => {
  test("only names of this machine are answered for, whatever came before", async () => {
    const mixed = OTHERS.flatMap((host) => [host, "localhost:8000"]);
    expect(await answers({}, THIS_MACHINE)).toEqual(THIS_MACHINE.map(() => "read"));
    expect(await answers({}, mixed)).toEqual(OTHERS.flatMap(() => ["HOST_NOT_ALLOWED", "read"]));
  });

  test("names of the configuration are answered for too", async () => {
    const env = { FRAISEQL_SERVER_ALLOWED_HOSTS: "api.example, *.below.example" };
    const hosts = [
      "api.example:8000",
      "API.example.",
      "a.b.below.example",
      "below.example",
      "notbelow.example",
      "localhost",
    ];
    const refused = "HOST_NOT_ALLOWED";
    expect(await answers(env, hosts)).toEqual(["read", "read", "read", refused, refused, "read"]);
  });

  test("a star answers for every name", async () => {
    expect(await answers({ FRAISEQL_SERVER_ALLOWED_HOSTS: "*" }, OTHERS.slice(0, 2))).toEqual(["read", "read"]);
  });

  test("the status is 421, and the page of GraphiQL is not given either", async () => {
    const edge = await openEdge({ config: configOf({}), artifact, report: () => undefined });
    const headers = { host: "evil.example", accept: "text/html" };
    const response = await createApp(edge).request("/graphql", { headers });
    expect([response.status, response.headers.get("content-type")]).toEqual([421, "application/json; charset=utf-8"]);
    expect((await createApp(edge).request("/health/live", { headers })).status).toBe(200);
    await edge.close();
  });
});

test("on another address any name is answered for, unless names are given", () => {
  const hostsOf = (env: Record<string, string>) => allowedHosts(configOf(env).server);
  for (const host of ["0.0.0.0", "::", "192.168.1.2", "api.example"]) {
    expect(hostsOf({ FRAISEQL_SERVER_HOST: host })).toBeUndefined();
  }
  for (const host of ["127.0.0.1", "127.1.2.3", "localhost", "::1"]) {
    expect(hostsOf({ FRAISEQL_SERVER_HOST: host })).toEqual([]);
  }
  const named = { FRAISEQL_SERVER_HOST: "0.0.0.0", FRAISEQL_SERVER_ALLOWED_HOSTS: "api.example" };
  expect(hostsOf(named)).toEqual(["api.example"]);
});

test("a name with a port or a scheme is no name", () => {
  expect(() => configOf({ FRAISEQL_SERVER_ALLOWED_HOSTS: "api.example:8000" })).toThrow("without a port");
  expect(() => configOf({ FRAISEQL_SERVER_ALLOWED_HOSTS: "https://api.example" })).toThrow("without a port");
});

test("a request without the header comes from no browser and is answered", () => {
  expect(hostCheck([])(new Request("http://evil.example/graphql"))).toBe(true);
});

test.each(["", "a b", "localhost, evil.example", "127.0.0.1@evil.example", "localhost/evil"])(
  "a header that is no host name (%p) is refused, and the answer shows nothing of the server",
  async (host) => {
    const edge = await openEdge({ config: configOf({}), artifact, report: () => undefined });
    const server = serveWithBun(edge, { ...configOf({}).server, port: 0 });
    for (const path of ["/graphql?query={__typename}", "/graphql", "/x://y"]) {
      const answer = await answerTo(`GET ${path} HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`, server.url);
      expect(answer).toStartWith("HTTP/1.1 400 ");
      expect(answer.split("\r\n\r\n")[1]).toBe(
        '{"errors":[{"message":"The Host header is not the name of a host.","extensions":{"code":"REQUEST_ERROR"}}]}',
      );
    }
    server.kill();
    await edge.close();
  },
);

/** `fetch` would mend the request. */
async function answerTo(request: string, url: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname, () => socket.write(request));
  let text = "";
  for await (const chunk of socket) text += chunk;
  return text;
}
