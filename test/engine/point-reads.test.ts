/** Reads of one row by key, many at once: those that wait for a connection are merged into one statement. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { sampleDatabase } from "../support/samples.ts";
import { type Served, serveDatabase } from "./served.ts";

let api: Served;
beforeAll(async () => {
  api = await serveDatabase(await sampleDatabase("world"));
}, 120_000);
afterAll(() => api.close());

const BY_KEY =
  "query ($id: Int!, $code: String!) { city(pkCity: $id) { pkCity nodeId name latitude country { code name } } again: countryByCode(code: $code) { name capital } __typename }";
const KEYS = Array.from({ length: 150 }, (_, index) => ({
  id: 1 + index * 1_003,
  code: index % 3 === 0 ? "CH" : "x'\"\\{}",
}));

test("merged reads answer byte for byte what single ones do, rows that are not there included", async () => {
  const together = await Promise.all(KEYS.map((variables) => api.answer(BY_KEY, variables)));
  for (const [index, variables] of KEYS.entries()) {
    expect(together[index]?.text).toBe((await api.answer(BY_KEY, variables)).text);
  }
  expect(together[0]?.data).toMatchObject({ city: { pkCity: 1 }, again: { name: "Switzerland" } });
  expect(together.at(-1)?.data).toMatchObject({ again: null });
});

test("reads by node id are merged too, and each keeps its own error", async () => {
  const { city } = (await api.data("{ city(pkCity: 7) { nodeId } }")) as { city: { nodeId: string } };
  const query = "query ($id: ID!) { node(id: $id) { nodeId ... on City { name } } }";
  const broken = btoa('["City","seven"]');
  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, index) => api.answer(query, { id: index === 20 ? broken : city.nodeId })),
  );
  expect(answers.map(({ errors }) => errors[0]?.extensions.code ?? "found")).toEqual(
    Array.from({ length: 40 }, (_, index) => (index === 20 ? "BAD_USER_INPUT" : "found")),
  );
});

test("only reads without lists of rows are merged", () => {
  const merged = (query: string, variables: Record<string, unknown>) => {
    const prepared = api.operations.prepare({ query, variables });
    return prepared.kind === "statement" && prepared.statement.merged !== undefined;
  };
  expect(merged(BY_KEY, { id: 1, code: "CH" })).toBe(true);
  expect(merged("query ($id: Int!) { city(pkCity: $id) { country { cities(limit: 1) { name } } } }", { id: 1 })).toBe(
    false,
  );
  expect(merged("query ($n: String!) { cities(where: { name: { eq: $n } }, limit: 1) { name } }", { n: "Bern" })).toBe(
    false,
  );
});
