import { afterAll, beforeAll, expect, test } from "bun:test";
import { compileDatabase } from "../../src/compose/compile-database.ts";
import { type TestDatabase, testDatabase } from "../support/postgres.ts";
import { startCommand, type Workplace, workplace } from "./command-line.ts";

let database: TestDatabase;
let place: Workplace;
beforeAll(async () => {
  database = await testDatabase("serve", "CREATE TABLE tree (id int PRIMARY KEY); INSERT INTO tree VALUES (1)");
  place = await workplace(database.url);
  await place.write("schema.compiled.json", (await compileDatabase(database.url)).artifact);
});
afterAll(async () => {
  await place.remove();
  await database.drop();
});

/** Starts `fraiseql serve …`, asks it something once it says where it is, and ends it. */
async function serve(...args: string[]) {
  const child = startCommand(place.folder, database.url, ["serve", ...args, "--port", "0"]);
  const { value } = await child.stdout.getReader().read();
  const line = new TextDecoder().decode(value).trim();
  const url = /http:[^"\s]+?(?=\/graphql|"|$)/.exec(line)?.[0];
  const answer = await (await fetch(`${url}/graphql?query=${encodeURIComponent("{ tree(id: 1) { id } }")}`)).text();
  child.kill("SIGINT");
  return { line, answer, code: await child.exited };
}

test("serve takes the artifact in the folder, says where it answers, and ends with Ctrl-C", async () => {
  const { line, answer, code } = await serve();
  expect(line).toMatch(/^FraiseQL answers on http:\/\/127\.0\.0\.1:\d+\/graphql$/);
  expect([answer, code]).toEqual(['{"data":{"tree":{"id":1}}}', 0]);
});

test("with --json it says so as JSON; the artifact can be named", async () => {
  await place.write("other.json", await place.read("schema.compiled.json"));
  const { line, answer, code } = await serve("other.json", "--json");
  expect(Object.keys(JSON.parse(line))).toEqual(["url"]);
  expect([answer, code]).toEqual(['{"data":{"tree":{"id":1}}}', 0]);
});

test("what keeps it from serving is an error with code and exit code 2", async () => {
  const missing = await place.run("serve", "none.json");
  expect([missing.code, missing.out]).toEqual([2, ""]);
  expect(missing.err).toStartWith("ARTIFACT_INVALID: There is no artifact at none.json");
  const port = await place.run("serve", "--port", "eighty", "--json");
  expect([port.code, JSON.parse(port.out).error.code]).toEqual([2, "CONFIG_INVALID"]);
});
