/** Of which files the edge bundle is, and what becomes of a server that has only the first. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { compileDatabase } from "../../src/compose/compile-database.ts";
import { type TestDatabase, testDatabase } from "../support/postgres.ts";
import { post } from "./clients.ts";
import { startServer, type Workplace, workplace } from "./servers.ts";

const ARROW = "application/vnd.apache.arrow.stream";

let database: TestDatabase;
let alone: Workplace;
beforeAll(async () => {
  alone = await workplace("alone");
  database = await testDatabase("edge_files", "CREATE TABLE river (id int PRIMARY KEY); INSERT INTO river VALUES (1)");
  const { artifact } = await compileDatabase(database.url);
  await writeFile(join(alone.directory, "schema.compiled.json"), artifact);
});
afterAll(async () => {
  await database.drop();
  await alone.remove();
});

test("edge.js has less than 400 kB and needs nothing but what the runtime has, save one file for exports", async () => {
  const text = await Bun.file(alone.bundle).text();
  expect(Buffer.byteLength(text)).toBeLessThan(400_000);
  const imports = new Bun.Transpiler({ loader: "js" }).scanImports(text);
  expect(imports.filter(({ path }) => !path.startsWith("node:"))).toEqual([
    { kind: "dynamic-import", path: "./edge-arrow.js" },
  ]);
});

test("without the file for exports a table is refused with what to do, the log has the cause, and queries are answered", async () => {
  const server = await startServer("the edge bundle", alone, { DATABASE_URL: database.url });
  const refused = await post(server.url, "{ rivers { id } }", { accept: ARROW });
  expect([refused.status, await refused.json()]).toEqual([
    501,
    {
      errors: [
        {
          message: "This server has no tables: edge-arrow.js has to lie beside edge.js, of the same build.",
          extensions: { code: "EXPORTS_MISSING" },
        },
      ],
    },
  ]);
  const answer = await post(server.url, "{ rivers { id } }", { accept: "application/json" });
  expect(await answer.text()).toBe('{"data":{"rivers":[{"id":1}]}}');
  expect(await server.stop()).toBe(0);
  expect(await server.stderr).toContain("Cannot find module './edge-arrow.js'");
});
