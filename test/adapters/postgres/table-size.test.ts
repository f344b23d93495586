/** Where a table can be cut into ranges, from what ANALYZE found. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { openDatabase } from "../../../src/adapters/postgres/database.ts";
import { tableSize } from "../../../src/adapters/postgres/table-size.ts";
import type { Database } from "../../../src/ports/database.ts";
import { type TestDatabase, testDatabase } from "../../support/postgres.ts";

let home: TestDatabase;
let database: Database;
beforeAll(async () => {
  home = await testDatabase(
    "table_size",
    `CREATE TABLE item (id int PRIMARY KEY, place int8 NOT NULL, mixed int NOT NULL UNIQUE, part int NOT NULL, a int NOT NULL, UNIQUE (part, a));
     INSERT INTO item SELECT n, n, n * 7919::int8 % 10007, n, n FROM generate_series(1, 10000) n;
     CREATE INDEX ON item (place) WHERE id > 5;
     CREATE INDEX ON item USING hash (a);
     CREATE TABLE unknown (id int PRIMARY KEY) WITH (autovacuum_enabled = off);
     INSERT INTO unknown SELECT n FROM generate_series(1, 10000) n;
     CREATE VIEW shown AS SELECT * FROM item;
     CREATE MATERIALIZED VIEW kept AS SELECT * FROM item;
     CREATE UNIQUE INDEX ON kept (id);
     ANALYZE item; ANALYZE kept;`,
  );
  database = openDatabase({ url: home.url, connectionsMax: 1 });
});
afterAll(async () => {
  await database.close();
  await home.drop();
});

const relation = (name: string) => ({ schema: "public", name });
const boundsOf = (name: string, column: string, rows: number): Promise<readonly string[]> =>
  tableSize(database, () => 0).bounds(relation(name), column, rows);

test("bounds ascend, with about as many rows between two as were asked for", async () => {
  for (const [rows, pieces] of [
    [100, 100],
    [1_000, 10],
    [2_500, 4],
    [20_000, 1],
  ] as const) {
    const bounds = (await boundsOf("item", "id", rows)).map(Number);
    expect(bounds.length).toBe(pieces - 1);
    for (const [index, bound] of bounds.entries())
      expect(Math.abs(bound - ((index + 1) * 10_000) / pieces)).toBeLessThan(200);
  }
  expect((await boundsOf("item", "part", 1_000)).length).toBe(9);
  expect((await boundsOf("kept", "id", 1_000)).length).toBe(9);
});

test("there are none where no index gives the order, rows lie in another one, or nothing is known", async () => {
  for (const [name, column] of [
    ["item", "place"],
    ["item", "a"],
    ["item", "mixed"],
    ["item", "none"],
    ["unknown", "id"],
    ["shown", "id"],
    ["none", "id"],
  ] as const)
    expect([name, column, await boundsOf(name, column, 1_000)]).toEqual([name, column, []]);
});

test("bounds are asked for once a minute, and whoever finds old ones need not wait", async () => {
  const asked: ((rows: readonly (readonly string[])[]) => void)[] = [];
  const rows = () => new Promise<readonly (readonly string[])[]>((resolve) => asked.push(resolve));
  let now = 0;
  const size = tableSize({ ...database, rows }, () => now);
  const bounds = () => size.bounds(relation("item"), "id", 1_000);
  const first = bounds();
  asked[0]?.([["1"]]);
  expect([await first, await bounds(), asked.length]).toEqual([["1"], ["1"], 1]);
  now = 60_000;
  expect([await bounds(), asked.length]).toEqual([["1"], 2]);
  asked[1]?.([["2"]]);
  expect([await bounds(), asked.length]).toEqual([["2"], 2]);
});

test("what could not be asked for is asked for again", async () => {
  let isDown = true;
  const rows = async (): Promise<readonly (readonly string[])[]> => {
    if (isDown) throw new Error("down");
    return [["1"]];
  };
  const size = tableSize({ ...database, rows }, () => 0);
  const bounds = () => size.bounds(relation("item"), "id", 1_000);
  await bounds().catch(() => undefined);
  isDown = false;
  expect(await bounds()).toEqual(["1"]);
});
