/** Statements one after the other as one result, sent by two connections that see the database at one moment. */
import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import postgres from "postgres";
import type { BulkPoolOptions } from "../../../../src/adapters/postgres/bulk/bulk-pool.ts";
import { openBulkReader } from "../../../../src/adapters/postgres/bulk/bulk-reader.ts";
import type { BulkReader, BulkResult } from "../../../../src/ports/bulk-reader.ts";
import { failureOf } from "../../../support/failure-of.ts";
import { type TestDatabase, testDatabase } from "../../../support/postgres.ts";
import { rowsOf } from "./rows-of.ts";

let home: TestDatabase;
let sql: postgres.Sql;
beforeAll(async () => {
  home = await testDatabase("in_order", "CREATE TABLE note (id int PRIMARY KEY, body text NOT NULL)");
  sql = postgres(home.url, { max: 3, onnotice: () => {}, fetch_types: false });
  await sql.unsafe("INSERT INTO note SELECT n, repeat('x', 500) FROM generate_series(0, 9999) n");
});
afterAll(async () => {
  await sql.end();
  await home.drop();
});

const opened: BulkReader[] = [];
const open = (options: Partial<BulkPoolOptions> = {}): BulkReader => {
  const reader = openBulkReader({ url: home.url, ...options });
  opened.push(reader);
  return reader;
};
afterEach(async () => {
  for (const reader of opened.splice(0)) await reader.close();
});

const NOTES = { relations: [{ schema: "public", name: "note" }] };
/** Ten statements of a thousand rows each. */
const TENTHS = Array.from({ length: 10 }, (_, tenth) => ({
  text: "select id, body, pg_backend_pid() from note where id / 1000 = $1::int order by id",
  values: [String(tenth)],
}));
const EVERY_ID = Array.from({ length: 10_000 }, (_, id) => id);
const ENDLESS = { text: "select n, repeat('x', 1000) from generate_series(1, 10000000) n", values: [] };

async function read(result: BulkResult, onRows = async (): Promise<void> => {}): Promise<Buffer[][]> {
  const rows: Buffer[][] = [];
  for (let bytes = await result.read(); bytes; bytes = await result.read()) {
    rows.push(...rowsOf(Buffer.from(bytes)).map((row) => row as Buffer[]));
    await onRows();
  }
  return rows;
}
/** So much that both connections are at it. */
async function begin(result: BulkResult): Promise<void> {
  for (let left = 1_048_576; left > 0; ) left -= (await result.read())?.length ?? left;
  while ((await sessions("active")) < 2);
}
const numbers = (rows: readonly Buffer[][], column: number): number[] =>
  rows.map((row) => row[column]?.readInt32BE(0) ?? -1);
const sessions = async (state: string): Promise<number> => {
  const [row] = await sql`select count(*)::int as n from pg_stat_activity
    where datname = current_database() and application_name = 'fraiseql' and state like ${state}`;
  return Number(row?.["n"]);
};

test("rows come in the order of the statements, and two connections send them", async () => {
  const rows = await read(await open().openInOrder(TENTHS, NOTES));
  expect(numbers(rows, 0)).toEqual(EVERY_ID);
  expect(new Set(numbers(rows, 2)).size).toBe(2);
});

test("all statements see what the first one sees, whatever is written meanwhile", async () => {
  const result = await open().openInOrder(TENTHS, NOTES);
  const first = await result.read();
  await sql.unsafe("UPDATE note SET id = -1 - id");
  try {
    const rows = [...rowsOf(Buffer.from(first ?? [])), ...(await read(result))];
    expect(numbers(rows as Buffer[][], 0)).toEqual(EVERY_ID);
  } finally {
    await sql.unsafe("UPDATE note SET id = -1 - id");
  }
});

test("it is left with no transaction, and the next one is as the first", async () => {
  const reader = open();
  for (let round = 0; round < 3; round += 1) {
    expect(numbers(await read(await reader.openInOrder(TENTHS, NOTES)), 0)).toEqual(EVERY_ID);
    expect(await sessions("idle in transaction%")).toBe(0);
  }
  expect(await sessions("idle")).toBe(2);
});

test("what was altered since it was read before is read as it is now", async () => {
  const reader = open();
  await read(await reader.openInOrder(TENTHS, NOTES));
  await sql.unsafe("ALTER TABLE note ALTER body TYPE varchar(600)");
  const rows = await read(await reader.openInOrder(TENTHS, NOTES));
  expect(numbers(rows, 0)).toEqual(EVERY_ID);
  expect(new Set(numbers(rows, 2)).size).toBe(2);
});

test("the last free connection is left to others, and one connection reads all", async () => {
  const reader = open({ connectionsMax: 2 });
  const result = await reader.openInOrder(TENTHS, NOTES);
  const other = await reader.open({ text: "select 7", values: [] });
  expect(numbers(await read(other), 0)).toEqual([7]);
  const rows = await read(result);
  expect(numbers(rows, 0)).toEqual(EVERY_ID);
  expect(new Set(numbers(rows, 2)).size).toBe(1);
});

test("where the second connection has to wait for a lock that is wanted, the first reads all", async () => {
  const reader = open();
  const result = await reader.openInOrder(TENTHS, NOTES);
  const changed = sql.unsafe("ALTER TABLE note ALTER body SET NOT NULL").execute();
  const waiting = async () =>
    Number((await sql`select count(*)::int as n from pg_locks where not granted`)[0]?.["n"]) > 0;
  while (!(await waiting()));
  expect(numbers(await read(result), 0)).toEqual(EVERY_ID);
  await changed;
});

test("a result that is read before another connection is worth it comes from one", async () => {
  const ids = { text: "select id from note order by id", values: [] };
  expect(numbers(await read(await open().openInOrder([ids], NOTES)), 0)).toEqual(EVERY_ID);
  expect(await sessions("%")).toBe(1);
});

test("statements without rows are a result without rows", async () => {
  const nothing = { text: "select id from note where id < $1::int", values: ["0"] };
  expect(await read(await open().openInOrder([nothing, nothing], NOTES))).toEqual([]);
});

test("what fails in a later statement fails the whole where its turn comes, and ends what else runs", async () => {
  const reader = open();
  const failing = { text: "select 1 / (id - id), body, id from note", values: [] };
  const result = await reader.openInOrder([TENTHS[0] ?? ENDLESS, failing, ENDLESS], NOTES);
  let seen = 0;
  const rows = read(result, async () => {
    seen += 1;
  });
  expect((await failureOf(rows)).code).toBe("DATABASE_ERROR");
  expect(seen).toBeGreaterThan(0);
  expect((await failureOf(result.read())).code).toBe("DATABASE_ERROR");
  while ((await sessions("active")) + (await sessions("idle in transaction%")) > 0);
  expect(numbers(await read(await reader.openInOrder(TENTHS, NOTES)), 0)).toEqual(EVERY_ID);
});

test("what fails in the first statement is told before there is a result", async () => {
  const reader = open();
  const wrong = { text: "select id from note where body ~ $1", values: ["("] };
  expect((await failureOf(reader.openInOrder([wrong, ...TENTHS], NOTES))).code).toBe("BAD_USER_INPUT");
  while ((await sessions("idle in transaction%")) > 0);
});

test("closing ends the statements of both connections", async () => {
  const reader = open();
  const result = await reader.openInOrder([ENDLESS, ENDLESS, ENDLESS], NOTES);
  await begin(result);
  await result.close();
  await result.close();
  while ((await sessions("%")) > 0);
  expect((await failureOf(result.read())).code).toBe("REQUEST_CANCELLED");
});

test("closing ends the transaction of a connection that has nothing to send", async () => {
  const result = await open().openInOrder([ENDLESS], NOTES);
  for (let left = 1_048_576; left > 0; ) left -= (await result.read())?.length ?? left;
  while ((await sessions("idle in transaction")) < 1);
  await result.close();
  while ((await sessions("%")) > 0);
});

test("a caller that leaves ends the statements of both connections", async () => {
  const reader = open();
  const caller = new AbortController();
  const result = await reader.openInOrder([ENDLESS, ENDLESS, ENDLESS], { ...NOTES, signal: caller.signal });
  await begin(result);
  caller.abort();
  expect((await failureOf(read(result))).code).toBe("REQUEST_CANCELLED");
  while ((await sessions("%")) > 0);
});

test("a caller that has left begins nothing", async () => {
  const reader = open();
  const gone = { ...NOTES, signal: AbortSignal.abort() };
  expect((await failureOf(reader.openInOrder(TENTHS, gone))).code).toBe("REQUEST_CANCELLED");
  expect(await sessions("idle in transaction%")).toBe(0);
});

test("the statement timeout holds for all of them together", async () => {
  const reader = open({ statementTimeoutMs: 1_000 });
  const slow = { text: "select 1 from pg_sleep(0.4)", values: [] };
  const begun = await reader.openInOrder([slow, slow, slow, slow, slow, slow], NOTES);
  expect((await failureOf(read(begun))).code).toBe("STATEMENT_TIMEOUT");
  expect(numbers(await read(await reader.openInOrder(TENTHS, NOTES)), 0)).toEqual(EVERY_ID);
});

test("closing the reader ends it", async () => {
  const reader = open();
  const result = await reader.openInOrder([ENDLESS, ENDLESS], NOTES);
  await begin(result);
  await reader.close();
  await failureOf(read(result));
  while ((await sessions("%")) > 0);
});
