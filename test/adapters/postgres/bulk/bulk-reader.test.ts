import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import type { BulkReader, BulkResult } from "../../../../src/ports/bulk-reader.ts";
import { failureOf } from "../../../support/failure-of.ts";
import { runSql, type TestDatabase, testDatabase } from "../../../support/postgres.ts";
import { bulkReaders } from "./bulk-readers.ts";
import { rowsOf } from "./rows-of.ts";

let home: TestDatabase;
beforeAll(async () => {
  home = await testDatabase("bulk", "CREATE TABLE note (id int PRIMARY KEY, body varchar(20))");
});
afterAll(() => home.drop());

const { open, closeAll } = bulkReaders(() => ({ url: home.url }));
afterEach(closeAll);

const select = (sql: string, ...values: (string | null)[]) => ({ text: sql, values });
const all = async (result: BulkResult) => {
  const rows = [];
  for (let bytes = await result.read(); bytes; bytes = await result.read()) rows.push(...rowsOf(bytes));
  return rows;
};
const text = async (reader: BulkReader, sql: string, ...values: (string | null)[]) =>
  (await all(await reader.open(select(sql, ...values)))).map((row) => row.map((value) => value?.toString() ?? null));

test("columns are described and values are PostgreSQL's binary form", async () => {
  const result = await open().open(
    select("select 258::int2 as small, -1::int8 as big, 1.5::float8, true, null::text, 'ž', 12.34::numeric(9,2) as n"),
  );
  expect(result.columns).toEqual([
    { name: "small", typeOid: 21, typeModifier: -1 },
    { name: "big", typeOid: 20, typeModifier: -1 },
    { name: "float8", typeOid: 701, typeModifier: -1 },
    { name: "?column?", typeOid: 16, typeModifier: -1 },
    { name: "text", typeOid: 25, typeModifier: -1 },
    { name: "?column?", typeOid: 25, typeModifier: -1 },
    { name: "n", typeOid: 1700, typeModifier: ((9 << 16) | 2) + 4 },
  ]);
  expect((await all(result)).map((row) => row.map((value) => value?.toString("hex") ?? null))).toEqual([
    ["0102", "ffffffffffffffff", "3ff8000000000000", "01", null, "c5be", "0002000000000002000c0d48"],
  ]);
});

test("values go out as text of any type, null included", async () => {
  const sql = "select ($1::int8 + 1)::text, $2::jsonb::text, $3::date::text, $4::text, $5::bool::text, $6::int[]::text";
  const sent = ["9007199254740992", '{"a":[1]}', "2020-02-29", null, "t", "{1,NULL}"];
  expect(await text(open(), sql, ...sent)).toEqual([
    ["9007199254740993", '{"a": [1]}', "2020-02-29", null, "true", "{1,NULL}"],
  ]);
});

test("a result without rows has columns, and ends at once", async () => {
  const result = await open().open(select("select id from note where false"));
  expect(result.columns.map(({ name }) => name)).toEqual(["id"]);
  expect([await result.read(), await result.read()]).toEqual([undefined, undefined]);
});

test("each row comes once and in order, whatever its length", async () => {
  const sql = "select n, repeat('x', n % 5000) from generate_series(1, 20000) n";
  let next = 0;
  const result = await open().open(select(sql));
  for (let bytes = await result.read(); bytes; bytes = await result.read()) {
    for (const [number, filling] of rowsOf(bytes)) {
      next += 1;
      if (number?.readInt32BE(0) !== next || filling?.length !== next % 5000)
        throw new Error(`row ${next} is not there`);
    }
  }
  expect(next).toBe(20_000);
});

test("a row of many megabytes comes whole, and one beyond the limit is refused", async () => {
  const reader = open();
  const rows = await all(await reader.open(select("select repeat('ab', 10000000), 1")));
  expect(rows.map(([value]) => [value?.length, value?.toString("latin1", 0, 4)])).toEqual([[20_000_000, "abab"]]);
  const tooLarge = await failureOf(
    reader.open(select("select repeat('ab', 40000000)")).then((result) => result.read()),
  );
  expect([tooLarge.code, tooLarge.message]).toEqual([
    "DATABASE_ERROR",
    expect.stringContaining("larger than 67108864"),
  ]);
  expect(await text(reader, "select 'next'")).toEqual([["next"]]);
});

test("a connection serves one result after the other, and prepares a statement once", async () => {
  const reader = open({ connectionsMax: 1 });
  const backend = "select pg_backend_pid()::text";
  const [first] = await text(reader, backend);
  for (let count = 0; count < 3; count += 1) expect(await text(reader, backend)).toEqual([first ?? []]);
  const named = "select generic_plans + custom_plans || ' times' from pg_prepared_statements where statement = $1";
  expect(await text(reader, named, backend)).toEqual([["4 times"]]);
});

test("a statement survives a change of the table it was prepared on", async () => {
  const reader = open({ connectionsMax: 1 });
  const columns = async () => {
    const result = await reader.open(select("select * from note"));
    await all(result);
    return result.columns.map(({ name, typeModifier }) => `${name} ${typeModifier}`);
  };
  expect(await columns()).toEqual(["id -1", "body 24"]);
  await runSql(home.url, "ALTER TABLE note ALTER body TYPE varchar(30), ADD at date");
  expect(await columns()).toEqual(["id -1", "body 34", "at -1"]);
});

test("a session has fixed settings and cannot write", async () => {
  const reader = open({ statementTimeoutMs: 4321, applicationName: "export" });
  const names = ["TimeZone", "DateStyle", "IntervalStyle", "statement_timeout", "application_name"];
  const sql = `select ${names.map((name) => `current_setting('${name}')`).join(", ")}`;
  expect(await text(reader, sql)).toEqual([["UTC", "ISO, MDY", "iso_8601", "4321ms", "export"]]);
  const refused = await failureOf(text(reader, "insert into note values (1) returning id"));
  expect(refused.details).toEqual({ sqlstate: "25006" });
});

test.each([
  ["select 1/0", "DATABASE_ERROR", "22012"],
  ["select no_such_column", "ARTIFACT_MISMATCH", "42703"],
  ["select $1::int", "BAD_USER_INPUT", "22P02"],
  ["selec", "DATABASE_ERROR", "42601"],
  ["select 'fraiseql:PAGE_LIMIT:Query.notes'::text::int", "PAGE_LIMIT", undefined],
])("%s is refused as %s, and the connection goes on", async (sql, code, sqlstate) => {
  const reader = open({ connectionsMax: 1 });
  // The second time the connection has seen the text before.
  for (let time = 1; time <= 2; time += 1) {
    const error = await failureOf(text(reader, sql, ...(sql.includes("$1") ? ["one"] : [])));
    expect([error.code, error.details["sqlstate"]]).toEqual([code as never, sqlstate]);
    expect(error.message).not.toContain("select");
  }
  expect(await text(reader, "select 'next'")).toEqual([["next"]]);
});

test("a statement without a result is refused", async () => {
  const reader = open({ connectionsMax: 1 });
  expect((await failureOf(reader.open(select("set work_mem = '4MB'")))).message).toContain("no result");
  expect(await text(reader, "select 'next'")).toEqual([["next"]]);
});

test("an error after many rows rejects, and the rows before it are all there is", async () => {
  const reader = open({ connectionsMax: 1 });
  const result = await reader.open(select("select n, 1 / (100000 - n) from generate_series(1, 200000) n"));
  let bytes = 0;
  const error = await failureOf(
    (async () => {
      for (let rows = await result.read(); rows; rows = await result.read()) bytes += rows.length;
    })(),
  );
  expect([error.code, error.details]).toEqual(["DATABASE_ERROR", { sqlstate: "22012" }]);
  expect(bytes).toBeGreaterThan(1_000_000);
  expect((await failureOf(result.read())).code).toBe("DATABASE_ERROR");
  expect(await text(reader, "select 'next'")).toEqual([["next"]]);
});

test("a statement that runs too long is ended amid its rows", async () => {
  const reader = open({ statementTimeoutMs: 300, connectionsMax: 1 });
  const endless = "select n from generate_series(1, 1000000) n where n < 100000 or pg_sleep(1) is not null";
  const result = await reader.open(select(endless));
  const error = await failureOf(all(result));
  expect([error.code, error.details]).toEqual(["STATEMENT_TIMEOUT", { sqlstate: "57014" }]);
  expect(await text(reader, "select 'next'")).toEqual([["next"]]);
});

test("many results at the same time do not mix, and more than there are connections have to wait", async () => {
  const reader = open({ connectionsMax: 5 });
  const results = Array.from({ length: 40 }, async (_, index) => {
    const sql = "select $1::text, n from generate_series(1, 3000) n";
    const rows = await all(await reader.open(select(sql, `result ${index}`)));
    const names = new Set(rows.map(([name]) => name?.toString()));
    return [rows.length, [...names]];
  });
  expect(await Promise.all(results)).toEqual(results.map((_, index) => [3_000, [`result ${index}`]]));
});

test("who would have to wait too long, or behind too many, is told so", async () => {
  const reader = open({ connectionsMax: 1, waitersMax: 1, waitMs: 10 });
  const busy = await reader.open(select("select n from generate_series(1, 1000000) n"));
  const waiting = failureOf(reader.open(select("select 1")));
  expect((await failureOf(reader.open(select("select 1")))).message).toContain("busy");
  expect((await waiting).code).toBe("DATABASE_UNAVAILABLE");
  await busy.close();
  expect(await text(reader, "select 'next'")).toEqual([["next"]]);
});
