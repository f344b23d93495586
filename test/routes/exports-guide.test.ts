/** The commands of docs/guides/exports.md give what the page shows. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createApp } from "../../routes/app.ts";
import { compileDatabase } from "../../src/compose/compile-database.ts";
import { type Edge, openEdge } from "../../src/compose/edge.ts";
import { loadConfig } from "../../src/config/load-config.ts";
import type { TestDatabase } from "../support/postgres.ts";
import { sampleDatabase } from "../support/samples.ts";

const GUIDE = readFileSync(join(import.meta.dir, "..", "..", "docs", "guides", "exports.md"), "utf8");

/** Each command with the output that stands right behind it. */
const COMMANDS = [...GUIDE.matchAll(/^```sh\n(curl .*?)^```\n(?:\n```text\n(.*?)^```\n)?/gms)].map(
  ([, command = "", output]) => ({
    accept: /-H 'Accept: ([^']*)'/.exec(command)?.[1] ?? "",
    prefer: /-H 'Prefer: ([^']*)'/.exec(command)?.[1] ?? "",
    query: /'query=([^']*)'/.exec(command)?.[1] ?? "",
    output,
  }),
);

let database: TestDatabase;
let edge: Edge;
beforeAll(async () => {
  database = await sampleDatabase("world");
  const config = loadConfig({ env: { DATABASE_URL: database.url } });
  const { artifact } = await compileDatabase(database.url);
  edge = await openEdge({ config, artifact, report: () => undefined });
});
afterAll(async () => {
  await edge.close();
  await database.drop();
});

test("the guide has commands", () => {
  expect(COMMANDS.length).toBe(4);
});

for (const { accept, prefer, query, output } of COMMANDS) {
  test(`${accept} ${prefer} of ${query.slice(0, 30)}… is what the guide shows`, async () => {
    const response = await createApp(edge).request(`/graphql?${new URLSearchParams({ query })}`, {
      headers: { accept, prefer },
    });
    expect(response.status).toBe(200);
    const body = await response.text();
    if (output !== undefined) expect(body.replaceAll("\r\n", "\n")).toBe(output);
    else expect(body.length).toBeGreaterThan(1_000_000);
  });
}
