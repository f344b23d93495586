import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import { type DatabaseOptions, openDatabase } from "../../../src/adapters/postgres/database.ts";
import type { Database } from "../../../src/ports/database.ts";
import { failureOf } from "../../support/failure-of.ts";
import { runSql, type TestDatabase, testDatabase } from "../../support/postgres.ts";
import { untilSessions } from "../../support/until.ts";

let home: TestDatabase;
let watcher: Database;
beforeAll(async () => {
  home = await testDatabase("database", "CREATE TABLE note (id int PRIMARY KEY, body text)");
  watcher = openDatabase({ url: home.url, applicationName: "watcher", connectionsMax: 1 });
});
afterAll(async () => {
  await watcher.close();
  await home.drop();
});

const opened: Database[] = [];
const open = (options: Partial<DatabaseOptions> = {}): Database => {
  const database = openDatabase({ url: home.url, ...options });
  opened.push(database);
  return database;
};
afterEach(async () => {
  for (const database of opened.splice(0)) await database.close();
});

const text = (value: string | Uint8Array) => (typeof value === "string" ? value : new TextDecoder().decode(value));
const select = (sql: string, ...values: (string | null)[]) => ({ text: sql, values });

test("the one value comes back byte for byte, whatever it holds", async () => {
  const body = `{"data":"Zażółć 🏃\u0001 \\u0000 ${"x".repeat(200_000)}"}`;
  expect(text(await open().text(select("select $1::text", body)))).toBe(body);
});

test("values of every type go out and come back as PostgreSQL's text", async () => {
  const sent = ["t", '{"a": [1, 2]}', "2020-02-29", "9007199254740993", "\\x00ff", "{1,NULL,3}", "1e-7", null];
  const rows = await open().rows(
    select(
      "select $1::bool, $2::jsonb, $3::date, $4::int8, $5::bytea, $6::int[], $7::numeric, $8::timestamptz",
      ...sent,
    ),
  );
  expect(rows).toEqual([
    ["t", '{"a": [1, 2]}', "2020-02-29", "9007199254740993", "\\x00ff", "{1,NULL,3}", "0.0000001", null],
  ]);
});

test("a session has fixed settings, whatever the server's and the environment's are", async () => {
  const names = ["TimeZone", "DateStyle", "IntervalStyle", "default_transaction_read_only", "statement_timeout"];
  const rows = await open({ statementTimeoutMs: 1234 }).rows(
    select(
      `select ${names.map((name) => `current_setting('${name}')`).join(", ")}, current_setting('application_name')`,
    ),
  );
  expect(rows[0]!).toEqual(["UTC", "ISO, MDY", "iso_8601", "on", "1234ms", "fraiseql"]);
});

test("statements without values are prepared too", async () => {
  const database = open({ connectionsMax: 1 });
  await database.text(select("select 'once'"));
  const rows = await database.rows(
    select("select statement from pg_prepared_statements where statement like '%once%'"),
  );
  expect(rows.length).toBe(2);
});

test("a statement survives a change of the table it was prepared on", async () => {
  const database = open({ connectionsMax: 1 });
  const all = select("select * from note where id > $1", "0");
  expect((await database.rows(all)).length).toBe(0);
  await runSql(home.url, "ALTER TABLE note ADD COLUMN more text; INSERT INTO note VALUES (1, 'a', 'b')");
  expect(await database.rows(all)).toEqual([["1", "a", "b"]]);
  await runSql(home.url, "ALTER TABLE note DROP COLUMN more; DELETE FROM note");
  expect(await database.rows(all)).toEqual([]);
});

test("a statement that fails to parse is no trap for the next try", async () => {
  const database = open({ connectionsMax: 1 });
  const early = select("select * from late");
  expect((await failureOf(database.rows(early))).code).toBe("ARTIFACT_MISMATCH");
  await runSql(home.url, "CREATE TABLE late AS SELECT 1 AS a");
  expect(await database.rows(early)).toEqual([["1"]]);
});

test.each([
  ["select $1::int::text", ["abc"], "BAD_USER_INPUT", "22P02"],
  ["select (2147483647 + $1::int)::text", ["1"], "BAD_USER_INPUT", "22003"],
  ["select ($1::text ~ '(')::text", ["a"], "BAD_USER_INPUT", "2201B"],
  ["select 1/0", [], "DATABASE_ERROR", "22012"],
  ["select * from missing", [], "ARTIFACT_MISMATCH", "42P01"],
  ["select missing from note", [], "ARTIFACT_MISMATCH", "42703"],
  ["insert into note values (1, 'x')", [], "DATABASE_ERROR", "25006"],
])("%s fails with %p as %s", async (sql, values, code, sqlstate) => {
  const database = open({ connectionsMax: 1 });
  const error = await failureOf(database.text({ text: sql, values }));
  expect({ code: error.code, details: error.details }).toEqual({ code, details: { sqlstate } } as never);
  expect(error.message).not.toContain("select");
  expect(text(await database.text(select("select 'still usable'")))).toBe("still usable");
});

test.each([
  ["fraiseql:NOT_NULL_VIOLATED:Film.title", "NOT_NULL_VIOLATED", "Film.title"],
  ["fraiseql:PAGE_LIMIT:films.actors", "PAGE_LIMIT", "films.actors"],
] as const)("the marker %s in a failed cast becomes its code", async (marker, code, at) => {
  const error = await failureOf(open().text(select("select ($1::text)::int::text", marker)));
  expect([error.code, error.details]).toEqual([code, { at }]);
  expect(error.message).toContain(at);
});

test("a statement that runs too long is ended by the server", async () => {
  const database = open({ statementTimeoutMs: 500, connectionsMax: 1 });
  expect((await failureOf(database.text(select("select pg_sleep(30)::text")))).code).toBe("STATEMENT_TIMEOUT");
  expect(text(await database.text(select("select 'next'")))).toBe("next");
});

test("an abort ends the statement on the server, and the connection serves on", async () => {
  const database = open({ connectionsMax: 1 });
  const [[pid] = []] = await database.rows(select("select pg_backend_pid()"));
  const client = new AbortController();
  const answer = failureOf(database.text(select("select pg_sleep(600)::text"), { signal: client.signal }));
  await untilSessions(watcher, 1, "query like 'select pg_sleep(600)%' and state = 'active'");
  client.abort();
  expect((await answer).code).toBe("REQUEST_CANCELLED");
  await untilSessions(watcher, 1, `pid = ${pid} and not (query like 'select pg_sleep(600)%' and state = 'active')`);
  const [[after] = []] = await database.rows(select("select pg_backend_pid()"));
  expect(after).toBe(pid!);
});

test("an abort that comes late never hits the next statement on the connection", async () => {
  const database = open({ connectionsMax: 1 });
  for (let round = 0; round < 50; round += 1) {
    const client = new AbortController();
    const short = database
      .text(select("select pg_sleep(0.001)::text || 'x'"), { signal: client.signal })
      .catch(() => "");
    const next = database.text(select("select pg_sleep(0.002)::text || 'unharmed'"));
    setTimeout(() => client.abort(), round % 3);
    await short;
    expect(text(await next)).toBe("unharmed");
  }
});

test("a signal that was aborted before is noticed once the statement takes long; one that aborts in the queue leaves it", async () => {
  const database = open({ connectionsMax: 1 });
  const gone = { signal: AbortSignal.abort() };
  expect((await failureOf(database.text(select("select pg_sleep(20)::text"), gone))).code).toBe("REQUEST_CANCELLED");
  const slow = database.text(select("select pg_sleep(0.3)::text || 'done'"));
  const client = new AbortController();
  const waiting = failureOf(database.text(select("select 'queued'"), { signal: client.signal }));
  client.abort();
  expect((await waiting).code).toBe("REQUEST_CANCELLED");
  expect(text(await slow)).toBe("done");
});

test("the signal of a quick statement is never read", async () => {
  const database = open({ connectionsMax: 1 });
  const caller = {
    get signal(): AbortSignal {
      throw new Error("the signal was read");
    },
  };
  expect(text(await database.text(select("select 'quick'"), caller))).toBe("quick");
});

test("more callers than connections wait their turn, each gets its own answer", async () => {
  const database = open({ connectionsMax: 3 });
  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, index) => database.text(select("select $1::text", String(index)))),
  );
  expect(answers.map(text)).toEqual(Array.from({ length: 200 }, (_, index) => String(index)));
  const rows = await watcher.rows(
    select(
      "select count(*) from pg_stat_activity where application_name = 'fraiseql' and datname = current_database()",
    ),
  );
  expect(Number(rows[0]![0])).toBeLessThanOrEqual(3);
});

test("a full queue and a long wait are refused, and the pool goes on", async () => {
  const database = open({ connectionsMax: 1, waitersMax: 1, waitMs: 100 });
  const slow = database.text(select("select pg_sleep(0.8)::text || 'done'"));
  const waits = failureOf(database.text(select("select 1")));
  expect((await failureOf(database.text(select("select 2")))).code).toBe("DATABASE_UNAVAILABLE");
  expect((await waits).code).toBe("DATABASE_UNAVAILABLE");
  expect(text(await slow)).toBe("done");
  expect(text(await database.text(select("select 'free again'")))).toBe("free again");
});

test("a closed database refuses", async () => {
  const database = open();
  await database.text(select("select 'x'"));
  await database.close();
  expect((await failureOf(database.text(select("select 'x'")))).code).toBe("DATABASE_UNAVAILABLE");
});

test("a wrong password or database is named without repeating the URL", async () => {
  const wrong = new URL(home.url);
  wrong.pathname = "/no_such_database";
  const error = await failureOf(open({ url: wrong.href }).text(select("select 1")));
  expect([error.code, error.details]).toEqual(["DATABASE_UNAVAILABLE", { sqlstate: "3D000" }]);
  expect(error.message).not.toContain("no_such_database");
});
