/** Long lists as Arrow tables, read in ranges over two connections: the same rows in the same order. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { tableFromIPC } from "apache-arrow";
import { type ExportsApp, exportsApp } from "./exports-app.ts";

const ROWS = 300_000;
const STREAM = { accept: "application/vnd.apache.arrow.stream" };

let served: ExportsApp;
beforeAll(async () => {
  served = await exportsApp(
    { FRAISEQL_LIMITS_EXPORT_ROWS_MAX: String(ROWS + 10) },
    `CREATE TABLE account (id int PRIMARY KEY, balance int8 NOT NULL, code uuid NOT NULL UNIQUE, mixed int NOT NULL UNIQUE,
       plain int NOT NULL, note text NOT NULL);
     INSERT INTO account SELECT 2 * n, 100, lpad(to_hex(n), 32, '0')::uuid, n * 7919::int8 % 300007, n, repeat('x', 50)
       FROM generate_series(1, ${ROWS}) n;
     CREATE TABLE unknown_account (id int PRIMARY KEY) WITH (autovacuum_enabled = off);
     INSERT INTO unknown_account SELECT n FROM generate_series(1, ${ROWS}) n;
     CREATE TABLE short_account (id int PRIMARY KEY);
     INSERT INTO short_account SELECT n FROM generate_series(1, 30000) n;
     CREATE VIEW rich AS SELECT id FROM account;
     ANALYZE account; ANALYZE short_account;`,
  );
}, 60_000);
afterAll(() => served.close());

type Row = Readonly<Record<string, number>>;
const rowsOf = async (response: Response): Promise<Row[]> => {
  expect(response.status).toBe(200);
  return tableFromIPC(await response.bytes())
    .toArray()
    .map((row) => row.toJSON() as Row);
};
const idsOf = async (query: string, more: object = {}): Promise<(number | undefined)[]> =>
  (await rowsOf(await served.post(query, STREAM, more))).map(({ id }) => id);
const EVERY_ID = Array.from({ length: ROWS }, (_, index) => 2 * (index + 1));
/** Two sessions have ended a transaction: nothing else begins one. */
const wereTwo = async (): Promise<boolean> => (await served.rested("commit")) === 2;
const wasOne = async (): Promise<boolean> => (await served.rested("select%account%")) === 1;

test("rows come in the order of the key, each once, from two connections", async () => {
  expect(await idsOf("{ accounts { id balance } }")).toEqual(EVERY_ID);
  expect(await wereTwo()).toBe(true);
});

test("a limit and an order by what an index holds are kept", async () => {
  const limited = "query ($limit: Int!) { accounts(limit: $limit) { id } }";
  for (const limit of [250_000, ROWS, ROWS + 5]) {
    expect(await idsOf(limited, { variables: { limit } })).toEqual(EVERY_ID.slice(0, limit));
    expect(await idsOf(`{ accounts(limit: ${limit}) { id } }`)).toEqual(EVERY_ID.slice(0, limit));
  }
  for (const order of ["{ id: DESC }", "{ code: DESC }", "[{ code: DESC }, { balance: ASC }]"]) {
    expect(await idsOf(`{ accounts(orderBy: ${order}) { id } }`)).toEqual(EVERY_ID.toReversed());
    expect(await wereTwo()).toBe(true);
  }
});

test("rows that came after the table was analyzed come at their place, also before the first and behind the last", async () => {
  const more = [-4, -2, 3, 2 * ROWS + 1];
  await served.sql(
    `INSERT INTO account SELECT id, 0, gen_random_uuid(), -id - 1000, 0, '' FROM unnest('{${more}}'::int[]) id`,
  );
  try {
    const expected = [...EVERY_ID, ...more].toSorted((a, b) => a - b);
    expect(await idsOf("{ accounts { id } }")).toEqual(expected);
    expect(await idsOf("{ accounts(orderBy: { id: DESC }) { id } }")).toEqual(expected.toReversed());
    expect(await wereTwo()).toBe(true);
  } finally {
    await served.sql("DELETE FROM account WHERE balance = 0");
  }
});

test("rows whose key may be null since the schema was compiled come where one statement has them", async () => {
  await served.sql("ALTER TABLE account ALTER code DROP NOT NULL");
  await served.sql("INSERT INTO account VALUES (-2, 0, NULL, -2, 0, '')");
  try {
    for (const [order, expected] of [
      ["ASC", [...EVERY_ID, -2]],
      ["DESC", [-2, ...EVERY_ID.toReversed()]],
    ] as const) {
      const query = `{ accounts(orderBy: { code: ${order} }) { id } }`;
      expect(await idsOf(query)).toEqual([...expected]);
      expect(await wereTwo()).toBe(true);
      const one = await served.post(query, { ...STREAM, prefer: "connections=1" });
      expect((await rowsOf(one)).map(({ id }) => id)).toEqual([...expected]);
      const broken = await served.post(`{ accounts(orderBy: { code: ${order} }) { id code } }`, STREAM);
      expect(await broken.text().catch((error: Error) => String(error))).toContain("declared non-null");
    }
  } finally {
    await served.sql("DELETE FROM account WHERE id = -2");
    await served.sql("ALTER TABLE account ALTER code SET NOT NULL");
  }
});

test("a column that got another type which fits does not disturb those that were read before", async () => {
  const query = "{ accounts { id note } }";
  await idsOf(query);
  await served.sql("ALTER TABLE account ALTER note TYPE varchar(60)");
  await served.sql("ANALYZE account");
  for (let turn = 0; turn < 3; turn += 1) {
    expect(await idsOf(query)).toEqual(EVERY_ID);
    expect(await wereTwo()).toBe(true);
  }
});

test("all rows are as of one moment", async () => {
  let isOver = false;
  // Money moves between the first and the last row, which lie in different ranges.
  const moving = served
    .sql(`DO $$ BEGIN FOR n IN 1..5000 LOOP
      UPDATE account SET balance = balance + CASE WHEN id = 2 THEN 1 ELSE -1 END WHERE id IN (2, ${2 * ROWS});
      COMMIT;
    END LOOP; END $$`)
    .finally(() => {
      isOver = true;
    });
  while (!isOver) {
    const rows = await rowsOf(await served.post("{ accounts { id balance } }", STREAM));
    expect(rows.map(({ id }) => id)).toEqual(EVERY_ID);
    expect(rows.reduce((sum, { balance }) => sum + Number(balance), 0)).toBe(100 * ROWS);
  }
  await moving;
}, 60_000);

test("whoever wants one connection, and what is not quick to cut, is read by one statement", async () => {
  const one = { ...STREAM, prefer: "connections=1" };
  expect((await rowsOf(await served.post("{ accounts { id } }", one))).map(({ id }) => id)).toEqual(EVERY_ID);
  expect(await wasOne()).toBe(true);
  for (const query of [
    "{ unknownAccounts { id } }",
    "{ shortAccounts { id } }",
    "{ accounts(limit: 50000) { id } }",
    "{ accounts(offset: 1) { id } }",
    "{ accounts(where: { id: { gt: 0 } }) { id } }",
    "{ accounts(orderBy: { mixed: ASC }) { id } }",
    "{ accounts(orderBy: { plain: ASC }) { id } }",
    "{ accounts(orderBy: { note: ASC }) { id } }",
  ]) {
    const response = await served.post(query, STREAM);
    await response.bytes();
    expect([query, response.status, await wasOne()]).toEqual([query, 200, true]);
  }
  const lines = await served.post("{ accounts { id } }", { accept: "text/csv" });
  await lines.text();
  expect(await wasOne()).toBe(true);
});

test("more rows than an export may have break it off", async () => {
  await served.sql(
    `INSERT INTO account SELECT -id, 0, gen_random_uuid(), -id - 1000, 0, '' FROM generate_series(1, 11) id`,
  );
  try {
    const response = await served.post("{ accounts { id } }", STREAM);
    expect(response.status).toBe(200);
    expect(await response.bytes().catch((error: Error) => String(error))).toContain(`more than ${ROWS + 10} rows`);
  } finally {
    await served.sql("DELETE FROM account WHERE balance = 0");
  }
});

test("a reader that leaves ends both statements", async () => {
  const response = await served.post("{ accounts { id balance code note } }", STREAM);
  await response.body?.cancel();
  while ((await served.running("%account%")) > 0);
  expect(await idsOf("{ accounts { id } }")).toEqual(EVERY_ID);
});
