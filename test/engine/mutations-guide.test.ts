/** The operations of docs/guides/mutations.md, one after the other, answer what the page shows. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ERROR_CLASSES } from "../../src/core/schema/error-classes.ts";
import { sampleDatabase } from "../support/samples.ts";
import { type Served, serveDatabase } from "./served.ts";

const GUIDE = readFileSync(join(import.meta.dir, "..", "..", "docs", "guides", "mutations.md"), "utf8");
const EXAMPLES = [...GUIDE.matchAll(/^```graphql\n(.*?)^```\n\n```json\n(.*?)^```\n/gms)];

let api: Served;
beforeAll(async () => {
  api = await serveDatabase(await sampleDatabase("world"));
});
afterAll(() => api.close());

test("every operation of the guide has its answer behind it", () => {
  expect(EXAMPLES.length).toBe(GUIDE.match(/^```graphql$/gm)?.length ?? 0);
});

test("the guide names every class of errors with its status", () => {
  const rows = [...GUIDE.matchAll(/^\| `([a-z_]+)` \| (\d+) \|$/gm)];
  expect(rows.map(([, name, status]) => ({ name, status: Number(status) }))).toEqual([...ERROR_CLASSES]);
});

for (const [index, [, query = "", answer = ""]] of EXAMPLES.entries()) {
  test(`operation ${index + 1} of docs/guides/mutations.md answers what the page shows`, async () => {
    expect(JSON.parse((await api.answer(query)).text)).toEqual(JSON.parse(answer));
  });
}
