import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { denoRun, printedBy } from "../support/probe.ts";
import { type Api, worldApi } from "./world-api.ts";

const ROOT = join(import.meta.dir, "..", "..");
const BYTES_MAX = 15_000;

/** Reads a table and a query with nothing but the bundle, and prints what it found. */
const PROGRAM = `
const { createClient, GraphqlError } = await import("./client.js");
const client = createClient({ url: "URL" });
let rows = 0;
let batches = 0;
await client.table("{ cities(orderBy: [{ pkCity: ASC }]) { name } }", {}, { onProgress: (seen) => { rows = seen.rows; } })
  .whole().then((bytes) => { batches = bytes.length; });
const { language } = await client.query('query L($code: String!) { language(code: $code) { name } }', { code: "rm" });
const refused = await client.query("{ nothing }").catch((error) => error);
console.log(JSON.stringify({ rows, bytes: batches > 1000000, language: language.name, refused: refused instanceof GraphqlError && refused.code }));
`;

let api: Api;
let folder: string;
beforeAll(async () => {
  api = await worldApi();
  folder = await mkdtemp(join(tmpdir(), "fraiseql-client-"));
  const entrypoints = [join(ROOT, "src", "client", "mod.ts")];
  const { outputs } = await Bun.build({ entrypoints, target: "browser", minify: true });
  await Bun.write(join(folder, "client.js"), (await outputs[0]?.text()) ?? "");
  await Bun.write(join(folder, "program.mjs"), PROGRAM.replace("URL", api.url));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
  await api.close();
});

test(`the client is smaller than ${BYTES_MAX} bytes and brings no other module`, async () => {
  const text = await Bun.file(join(folder, "client.js")).text();
  console.log(`      ${text.length} bytes minified, ${Bun.gzipSync(text).length} with gzip`);
  expect(text.length).toBeLessThan(BYTES_MAX);
  expect(text).not.toMatch(/\b(import|require)\s*\(|\bimport\s*["{*]/);
});

test.each([
  ["Node", ["node"]],
  ["Deno", denoRun("--allow-net", "--no-config")],
  ["Bun", [process.execPath]],
])("the client runs on %s", async (_, command) => {
  expect(JSON.parse(await printedBy([...command, "program.mjs"], folder))).toEqual({
    rows: 171_075,
    bytes: true,
    language: "Raeto Romance",
    refused: "VALIDATION_ERROR",
  });
});
