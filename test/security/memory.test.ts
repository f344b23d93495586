/** What a client can make the server and PostgreSQL keep. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { openDatabase } from "../../src/adapters/postgres/database.ts";
import { createOperations } from "../../src/core/operations.ts";
import { leastRecentlyUsed } from "../../src/core/recent-map.ts";
import { shelf } from "../core/operations/shelf.ts";
import { type TestDatabase, testDatabase } from "../support/postgres.ts";

let home: TestDatabase;
beforeAll(async () => {
  home = await testDatabase("memory");
});
afterAll(() => home.drop());

test("PostgreSQL keeps half a megabyte of statements on a connection, however many documents come", async () => {
  const database = openDatabase({ url: home.url, connectionsMax: 1 });
  const held = "select coalesce(sum(length(statement)), 0)::text from pg_prepared_statements";
  for (let index = 0; index < 150; index += 1) {
    await database.text({ text: `select 'an answer' /* ${"y".repeat(5_000)} ${index} */`, values: [] });
  }
  expect(Number((await database.rows({ text: held, values: [] }))[0]?.[0])).toBeLessThan(600_000);
  const long = `select '${"z".repeat(100_000)}'::text`;
  await database.text({ text: long, values: [] });
  const isKept = "select count(*)::text from pg_prepared_statements where length(statement) > 50000";
  expect(await database.rows({ text: isKept, values: [] })).toEqual([["0"]]);
  await database.close();
});

test("an answer beyond the limit is refused while it arrives, and the next one is fine", async () => {
  const database = openDatabase({ url: home.url, connectionsMax: 1, responseBytesMax: 1_000_000 });
  const text = (length: number) => ({ text: `select repeat('x', ${length})`, values: [] });
  expect(await database.text(text(20_000_000)).catch(({ code, details }) => [code, details])).toEqual([
    "RESPONSE_LIMIT",
    { limit: 1_000_000 },
  ]);
  expect(await database.text(text(900_000))).toHaveLength(900_000);
  await database.close();
});

test("plans of many shapes weigh no more than the limit", () => {
  const { prepare } = createOperations(shelf(), { limits: { cacheBytesMax: 1_000_000 } });
  const query = "query ($w: BookWhere) { books(where: $w) { title } }";
  const shaped = (terms: number) => ({ or: Array.from({ length: terms }, () => ({ title: { eq: "a" } })) });
  Bun.gc(true);
  const before = process.memoryUsage().heapUsed;
  for (let terms = 500; terms < 590; terms += 1)
    prepare({ query: `${query}#${terms}`, variables: { w: shaped(terms) } });
  Bun.gc(true);
  // Each of the 90 keeps about 200 kB.
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(10_000_000);
});

test("the entry used longest ago leaves for a heavier one, and one beyond the limit is not kept", () => {
  const kept = leastRecentlyUsed<string, number>(10, { of: (value) => value, max: 10 });
  kept.set("a", 4);
  kept.set("b", 4);
  kept.get("a");
  kept.set("c", 4);
  expect([kept.get("a"), kept.get("b"), kept.get("c"), kept.weight()]).toEqual([4, undefined, 4, 8]);
  kept.set("a", 7);
  expect([kept.get("a"), kept.get("c"), kept.weight()]).toEqual([7, undefined, 7]);
  kept.set("d", 11);
  expect([kept.get("d"), kept.size(), kept.weight()]).toEqual([undefined, 0, 0]);
});
