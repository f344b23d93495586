/** Tables read in parts over several connections: every row once, all of one moment. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { tableFromIPC } from "apache-arrow";
import { type ExportsApp, exportsApp } from "./exports-app.ts";

const ROWS = 60_000;
const STREAM = { accept: "application/vnd.apache.arrow.stream" };
const PARTS = { prefer: "connections=3" };
const ACCOUNTS = "{ accounts { id balance } }";

let served: ExportsApp;
beforeAll(async () => {
  served = await exportsApp(
    {},
    `CREATE TABLE account (id int PRIMARY KEY, balance int8 NOT NULL, note text NOT NULL);
     INSERT INTO account SELECT n, 100, repeat('x', 500) FROM generate_series(1, ${ROWS}) n;
     CREATE VIEW rich AS SELECT id FROM account;
     CREATE TABLE divided_account (id int PRIMARY KEY) PARTITION BY RANGE (id);
     CREATE TABLE divided_account_1 PARTITION OF divided_account DEFAULT;`,
  );
}, 60_000);
afterAll(() => served.close());

type Account = { readonly id: number; readonly balance: bigint };
const accountsOf = async (response: Response): Promise<Account[]> => {
  expect([response.status, response.headers.get("preference-applied")]).toEqual([200, "connections=3"]);
  const table = tableFromIPC(await response.bytes());
  return table.toArray().map((row) => row.toJSON() as Account);
};
const EVERY_ID = Array.from({ length: ROWS }, (_, index) => index + 1);
const sorted = (ids: readonly number[]): number[] => ids.toSorted((a, b) => a - b);

test("every row comes once, in every form", async () => {
  const accounts = await accountsOf(await served.post(ACCOUNTS, { ...STREAM, ...PARTS }));
  expect(sorted(accounts.map(({ id }) => id))).toEqual(EVERY_ID);
  const lines = await (await served.post(ACCOUNTS, { accept: "application/x-ndjson", ...PARTS })).text();
  expect(
    sorted(
      lines
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line).id),
    ),
  ).toEqual(EVERY_ID);
  const csv = await (await served.post(ACCOUNTS, { accept: "text/csv", ...PARTS })).text();
  expect(
    sorted(
      csv
        .trim()
        .split("\r\n")
        .slice(1)
        .map((line) => Number(line.split(",")[0])),
    ),
  ).toEqual(EVERY_ID);
});

test("filters and values of the request hold in each part", async () => {
  const query = "query ($from: Int) { accounts(where: { id: { gt: $from } }) { id } }";
  const response = await served.post(query, { ...STREAM, ...PARTS }, { variables: { from: ROWS - 10 } });
  const ids = (await accountsOf(response)).map(({ id }) => id);
  expect(sorted(ids)).toEqual(EVERY_ID.slice(-10));
});

test("rows that change while they are read are seen once, and all as of one moment", async () => {
  let isOver = false;
  // Thousands of transactions in each second, each of which moves money between rows of different parts.
  const moving = served
    .sql(`DO $$ BEGIN FOR n IN 1..20000 LOOP
      UPDATE account SET balance = balance + CASE WHEN id = 1 THEN 1 ELSE -1 END WHERE id IN (1, ${ROWS});
      COMMIT;
    END LOOP; END $$`)
    .finally(() => {
      isOver = true;
    });
  while (!isOver) {
    const accounts = await accountsOf(await served.post(ACCOUNTS, { ...STREAM, ...PARTS }));
    expect(accounts.length).toBe(ROWS);
    expect(new Set(accounts.map(({ id }) => id)).size).toBe(ROWS);
    expect(accounts.reduce((sum, { balance }) => sum + balance, 0n)).toBe(BigInt(ROWS) * 100n);
  }
  await moving;
}, 60_000);

test("whoever does not ask for it gets rows in order and a tag; with it there is no tag", async () => {
  const plain = await served.get(ACCOUNTS, STREAM);
  expect([plain.headers.get("preference-applied"), plain.headers.get("etag") !== null]).toEqual([null, true]);
  expect(
    tableFromIPC(await plain.bytes())
      .toArray()
      .map((row) => row.toJSON()["id"]),
  ).toEqual(EVERY_ID);
  const parts = await served.get(ACCOUNTS, { ...STREAM, ...PARTS });
  expect(parts.headers.get("etag")).toBe(null);
  await parts.bytes();
});

test("what cannot be cut is read as it is", async () => {
  for (const query of [
    "{ rivers { id } }",
    "{ riches { id } }",
    "{ dividedAccounts { id } }",
    "{ accounts(limit: 50000) { id } }",
    "{ accountsAggregate { count } }",
  ]) {
    const response = await served.post(query, { ...STREAM, ...PARTS });
    expect([query, response.status, response.headers.get("preference-applied")]).toEqual([query, 200, null]);
    await response.bytes();
  }
  for (const prefer of ["connections=1", "connections=x", "respond-async"]) {
    const response = await served.post(ACCOUNTS, { ...STREAM, prefer });
    expect([prefer, response.headers.get("preference-applied")]).toEqual([prefer, null]);
    await response.bytes();
  }
});

test("what fails in one part fails the whole, and leaves connections that work", async () => {
  for (let round = 0; round < 6; round += 1) {
    const query = `{ accounts(where: { note: { regex: "(" } }) { id } }`;
    const response = await served.post(query, { ...STREAM, ...PARTS });
    const { errors } = (await response.json()) as { errors: { message: string; extensions: { code: string } }[] };
    expect([response.status, errors[0]?.extensions.code]).toEqual([400, "BAD_USER_INPUT"]);
  }
  expect((await accountsOf(await served.post(ACCOUNTS, { ...STREAM, ...PARTS }))).length).toBe(ROWS);
});

test("a reader that leaves ends all parts", async () => {
  const response = await served.post("{ accounts { id balance note } }", { ...STREAM, ...PARTS });
  await response.body?.cancel();
  while ((await served.running("%ctid%")) > 0);
  expect((await accountsOf(await served.post(ACCOUNTS, { ...STREAM, ...PARTS }))).length).toBe(ROWS);
});
