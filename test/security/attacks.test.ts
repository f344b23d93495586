/** Requests of a hostile client over HTTP, on a real database. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compileDatabase } from "../../src/compose/compile-database.ts";
import { type ServerProcess, startServer } from "../smoke/servers.ts";
import { type TestDatabase, testDatabase } from "../support/postgres.ts";

const SETUP = `
  CREATE TABLE person (
    id int PRIMARY KEY, name text NOT NULL, age numeric,
    boss_id int REFERENCES person, friend_id int REFERENCES person, rival_id int REFERENCES person
  );
  INSERT INTO person VALUES (1, 'Ann', 40), (2, 'Bob', 50);
  CREATE SEQUENCE counter;
  CREATE VIEW counting AS SELECT nextval('counter') AS n;
  CREATE VIEW broken AS SELECT 1 / (id - id) AS secret_column FROM person;
  CREATE FUNCTION delete_people() RETURNS int VOLATILE LANGUAGE sql AS 'DELETE FROM person RETURNING 1';
  CREATE FUNCTION sly_delete() RETURNS int STABLE LANGUAGE plpgsql AS
    $$ BEGIN EXECUTE 'DELETE FROM person'; RETURN 1; END $$;
  CREATE FUNCTION sly_setting() RETURNS text STABLE LANGUAGE sql AS
    $$ SELECT set_config('transaction_read_only', 'off', false) $$;
`;

let home: TestDatabase;
let directory: string;
let server: ServerProcess;
beforeAll(async () => {
  home = await testDatabase("attacks", SETUP);
  directory = await mkdtemp(join(tmpdir(), "fraiseql-attacks-"));
  const artifact = join(directory, "schema.compiled.json");
  await Bun.write(artifact, (await compileDatabase(home.url)).artifact);
  const place = { directory, bundle: "", remove: () => rm(directory, { recursive: true }) };
  server = await startServer("Bun", place, { DATABASE_URL: home.url, FRAISEQL_ARTIFACT_PATH: artifact });
}, 30_000);
afterAll(async () => {
  await server.stop();
  await rm(directory, { recursive: true });
  await home.drop();
});

const post = (body: BodyInit, headers: Record<string, string>) => fetch(server.url, { method: "POST", headers, body });
const send = async (query: string, variables?: unknown) => {
  const start = performance.now();
  const response = await post(JSON.stringify({ query, variables }), { "content-type": "application/json" });
  const text = await response.text();
  const { errors } = JSON.parse(text) as { errors?: { extensions: { code: string } }[] };
  return { text, code: errors?.[0]?.extensions.code, took: performance.now() - start };
};
/** Refused, and at once. */
const refusedAs = async (code: string, query: string, variables?: unknown) => {
  const answer = await send(query, variables);
  expect(answer).toMatchObject({ code });
  expect(answer.took).toBeLessThan(1_000);
};

describe("a small request that would become a large one", () => {
  test("fragments that spread others many times", async () => {
    const relations = ["boss", "friend", "rival"];
    const fragments = Array.from({ length: 11 }, (_, level) => {
      const inner = relations.map((relation) => `${relation} { ...F${level + 1} }`).join(" ");
      return `fragment F${level} on Person { ${level === 10 ? "name" : inner} }`;
    });
    await refusedAs("FIELD_LIMIT", `{ people { ...F0 } } ${fragments.join(" ")}`);
  });

  test("introspection under many names, or many times", async () => {
    const aliases = Array.from({ length: 4 }, (_, index) => `a${index}: types { fields { name } }`).join(" ");
    await refusedAs("ALIAS_LIMIT", `{ __schema { ${aliases} } }`);
    const many = "...F ".repeat(300);
    const fields = "types { fields { name args { name type { name } } } }";
    await refusedAs("FIELD_LIMIT", `{ __schema { ${many} } } fragment F on __Schema { ${fields} }`);
  });

  test("conditions nested in variables and in the document", async () => {
    const nested = (levels: number): unknown => (levels === 0 ? {} : { not: nested(levels - 1) });
    await refusedAs("INPUT_LIMIT", "query ($w: PersonWhere) { people(where: $w) { id } }", { w: nested(3_000) });
    const written = `${"{ boss: ".repeat(60)}{}${"}".repeat(60)}`;
    await refusedAs("INPUT_LIMIT", `{ people(where: ${written}) { id } }`);
    await refusedAs("INPUT_LIMIT", `query ($w: PersonWhere = ${written}) { people(where: $w) { id } }`);
  });

  test("an order of thousands of terms, behind a cursor", async () => {
    const order = Array.from({ length: 2_000 }, (_, index) => ({ name: index % 2 === 0 ? "ASC" : "DESC" }));
    const query = `query ($o: [PersonOrderBy!]) { peopleConnection(orderBy: $o, after: "WyJhIl0") { nodes { id } } }`;
    await refusedAs("INPUT_LIMIT", query, { o: order });
  });

  test("one large variable in many places", async () => {
    const or = Array.from({ length: 1_000 }, () => ({ name: { eq: "a" } }));
    const fields = Array.from({ length: 20 }, (_, index) => `p${index}: people(where: $w) { id }`).join(" ");
    await refusedAs("INPUT_LIMIT", `query ($w: PersonWhere) { ${fields} }`, { w: { or } });
  });

  test("values that are slow to read", async () => {
    await refusedAs("BAD_USER_INPUT", "query ($i: ID!) { node(id: $i) { nodeId } }", { i: `${"=".repeat(900_000)}x` });
    const where = { age: { eq: `${"1".repeat(900_000)}x` } };
    await refusedAs("BAD_USER_INPUT", "query ($w: PersonWhere) { people(where: $w) { id } }", { w: where });
  });
});

describe("writing through what only reads", () => {
  test("functions that may write are no fields", async () => {
    await refusedAs("VALIDATION_ERROR", "{ deletePeople }");
  });

  test.each(["{ slyDelete }", "{ slySetting }", "{ countings { n } }"])("%s fails in PostgreSQL", async (query) => {
    expect((await send(query)).code).toBe("DATABASE_ERROR");
    expect((await send("{ peopleAggregate { count } }")).text).toBe('{"data":{"peopleAggregate":{"count":2}}}');
  });
});

describe("what an answer tells", () => {
  test("of a failure in PostgreSQL its SQLSTATE; the rest is for the log", async () => {
    const { text } = await send("{ brokens { secretColumn } }");
    expect(JSON.parse(text)).toEqual({
      errors: [
        {
          message: "The database could not run the operation.",
          extensions: { sqlstate: "22012", code: "DATABASE_ERROR" },
        },
      ],
    });
  });

  test("a value that reads like a fault of ours does not become one", async () => {
    const id = btoa(JSON.stringify(["Person", "fraiseql:NOT_NULL_VIOLATED:Person.name"]));
    expect((await send("query ($i: ID!) { node(id: $i) { nodeId } }", { i: id })).code).toBe("BAD_USER_INPUT");
  });
});

describe("a page of another site", () => {
  test.each([
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/jsonx",
  ])("cannot send %s without asking first", async (type) => {
    const response = await post('{"query":"{ __typename }"}', { "content-type": type });
    expect(response.status).toBe(415);
  });

  test("gets no leave to read an answer", async () => {
    const headers = { origin: "https://evil.example", "access-control-request-method": "POST" };
    const asked = await fetch(server.url, { method: "OPTIONS", headers });
    const read = await fetch(`${server.url}?query={__typename}`, { headers });
    expect([asked, read].map((response) => response.headers.get("access-control-allow-origin"))).toEqual([null, null]);
  });

  test("cannot put a script or a frame around GraphiQL", async () => {
    const page = await fetch(`${server.url}?query='</script><script>alert(1)</script>`, {
      headers: { accept: "text/html" },
    });
    expect(await page.text()).not.toContain("alert");
    expect(page.headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
    expect(page.headers.get("x-content-type-options")).toBe("nosniff");
  });
});

test("a compressed body is refused by name", async () => {
  const body = Bun.gzipSync(JSON.stringify({ query: "{ __typename }" }));
  const response = await post(body, { "content-type": "application/json", "content-encoding": "gzip" });
  expect(response.status).toBe(415);
  expect(await response.text()).toContain("content-encoding");
});
