import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { sampleDatabase } from "../support/samples.ts";
import { type Served, serveDatabase } from "./served.ts";

const GUIDE = readFileSync(join(import.meta.dir, "..", "..", "docs", "guides", "queries.md"), "utf8");

/** Each operation of the guide, with the variables that stand right behind it. */
const OPERATIONS = [...GUIDE.matchAll(/^```graphql\n(.*?)^```\n(?:\n```json\n(.*?)^```\n)?/gms)].map(
  ([, query = "", variables]) => ({
    query,
    variables: variables === undefined ? {} : (JSON.parse(variables) as Record<string, unknown>),
  }),
);

let api: Served;
beforeAll(async () => {
  api = await serveDatabase(await sampleDatabase("world"));
});
afterAll(() => api.close());

test("the guide has operations", () => {
  expect(OPERATIONS.length).toBeGreaterThan(5);
});

for (const [index, { query, variables }] of OPERATIONS.entries()) {
  test(`operation ${index + 1} of docs/guides/queries.md answers something in every root field`, async () => {
    const data = (await api.data(query, variables)) as Record<string, unknown>;
    for (const value of Object.values(data)) {
      expect(value).not.toBeNull();
      expect(value).not.toEqual([]);
    }
  });
}
