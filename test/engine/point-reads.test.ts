/** Reads that are alike but for their values, many at once: they may be merged into one statement. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { openDatabase } from "../../src/adapters/postgres/database.ts";
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

const PAGE =
  "query ($south: Decimal!, $n: Int!) { cities(where: { latitude: { gte: $south } }, orderBy: [{ name: DESC }], limit: $n) { pkCity name region { name } } }";
const COUNT = "query ($id: Int!) { citiesAggregate(where: { fkCountry: { eq: $id } }) { count min { latitude } } }";

test("lists and aggregates that turned out to be quick are merged, and answer what single ones do", async () => {
  for (const [query, variables] of [
    [PAGE, KEYS.map((_, index) => ({ south: String(index % 70), n: index % 5 }))],
    [COUNT, KEYS.map((_, index) => ({ id: index % 100 }))],
  ] as const) {
    const single = [];
    for (const each of variables) single.push((await api.answer(query, each)).text);
    const together = await Promise.all(variables.map((each) => api.answer(query, each)));
    expect(together.map(({ text }) => text)).toEqual(single);
  }
});

test("a merged statement is planned a few times, and not for every crowd", async () => {
  const prepared = api.operations.prepare({ query: COUNT, variables: { id: 1 } });
  const text = (prepared.kind === "statement" && prepared.statement.merged) || "";
  const session = openDatabase({ url: api.url, connectionsMax: 1 });
  for (let turn = 0; turn < 20; turn += 1) await session.rows({ text, values: ["{1,2,3}"] });
  const plans = { text: "select custom_plans from pg_prepared_statements where statement = $1", values: [text] };
  expect(await session.rows(plans)).toEqual([["5"]]);
  await session.close();
});

test("reads are merged for what depends on their values: one field, or rows by keys", () => {
  const merged = (query: string, variables: Record<string, unknown> = {}) => {
    const prepared = api.operations.prepare({ query, variables });
    if (prepared.kind !== "statement" || prepared.statement.merged === undefined) return "never";
    return prepared.statement.mergesIfQuick ? "if quick" : "always";
  };
  expect(merged(BY_KEY, { id: 1, code: "CH" })).toBe("always");
  expect(merged("query ($id: Int!) { city(pkCity: $id) { country { cities(limit: 1) { name } } } }", { id: 1 })).toBe(
    "if quick",
  );
  expect(merged(PAGE, { south: "1", n: 2 })).toBe("if quick");
  expect(merged(COUNT, { id: 1 })).toBe("if quick");
  expect(merged("{ cities(limit: 1) { name } }")).toBe("never");
  expect(
    merged("query ($n: Int!) { cities(limit: $n) { name } countries: countryRows(limit: 5) { name } }", { n: 1 }),
  ).toBe("never");
});
