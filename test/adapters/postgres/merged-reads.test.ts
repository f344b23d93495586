import { afterAll, beforeAll, expect, test } from "bun:test";
import { openDatabase } from "../../../src/adapters/postgres/database.ts";
import type { FraiseqlError } from "../../../src/core/errors.ts";
import type { Database, Statement } from "../../../src/ports/database.ts";
import { type TestDatabase, testDatabase } from "../../support/postgres.ts";

let server: TestDatabase;
let database: Database;

beforeAll(async () => {
  server = await testDatabase("merged");
  database = openDatabase({ url: server.url, connectionsMax: 1, mergeFrom: 0 });
}, 60_000);
afterAll(async () => {
  await database.close();
  await server.drop();
});

const text = (value: string | Uint8Array): string =>
  typeof value === "string" ? value : new TextDecoder().decode(value);

/** The answer says which form of the statement gave it. */
const echo = (value: string | null): Statement => ({
  text: "select 'alone ' || coalesce($1::text, 'null')",
  values: [value],
  merged:
    "select 'merged ' || coalesce(p1, 'null') from unnest($1::text[]) with ordinality as v(p1, place) order by place",
});

const whole = (value: string): Statement => ({
  text: "select ($1::text::int4)::text",
  values: [value],
  merged: "select (p1::int4)::text from unnest($1::text[]) with ordinality as v(p1, place) order by place",
});

test("point reads that wait for a connection go out as one statement, and each gets its own answer", async () => {
  const values = ['a "quoted" \\ text', "{a,b}", null, "", "NULL", "日本 \n"];
  const answers = await Promise.all([
    database.text(echo("first")),
    ...values.map((value) => database.text(echo(value))),
  ]);
  expect(answers.map(text)).toEqual(["alone first", ...values.map((value) => `merged ${value ?? "null"}`)]);
});

test("a read that finds a free connection, or waits alone, is not merged", async () => {
  expect(text(await database.text(echo("free")))).toBe("alone free");
  const busy = database.text({ text: "select pg_sleep(0.05)::text || 'slept'", values: [] });
  expect(text(await database.text(echo("one")))).toBe("alone one");
  expect(text(await busy)).toBe("slept");
});

test("a value that does not fit fails its own read and no other", async () => {
  const reads = ["1", "x", "3"].map((value) =>
    database.text(whole(value)).then(text, (error: FraiseqlError) => error.code),
  );
  const before = database.text(whole("0"));
  expect(await Promise.all([...reads, before.then(text)])).toEqual(["1", "BAD_USER_INPUT", "3", "0"]);
});

test("a few who wait are not merged: one slow statement would hold up all of them", async () => {
  const calm = openDatabase({ url: server.url, connectionsMax: 2 });
  const few = await Promise.all(Array.from({ length: 6 }, (_, index) => calm.text(echo(String(index)))));
  expect(few.map(text).every((answer) => answer.startsWith("alone"))).toBe(true);
  const crowd = await Promise.all(Array.from({ length: 40 }, (_, index) => calm.text(echo(String(index)))));
  expect(crowd.map(text).filter((answer) => answer.startsWith("merged")).length).toBe(34);
  await calm.close();
});

test("more reads than one statement takes are read by several", async () => {
  const answers = await Promise.all(Array.from({ length: 200 }, (_, index) => database.text(whole(String(index)))));
  expect(answers.map(text)).toEqual(Array.from({ length: 200 }, (_, index) => String(index)));
});

test("when the wait for a connection is too long, all who wait are told, and later reads are answered", async () => {
  const impatient = openDatabase({ url: server.url, connectionsMax: 1, waitMs: 100, mergeFrom: 0 });
  const busy = impatient.text({ text: "select pg_sleep(0.8)::text || 'slept'", values: [] });
  const codes = await Promise.all(
    [1, 2, 3].map((value) => impatient.text(echo(String(value))).catch((error: FraiseqlError) => error.code)),
  );
  expect(codes).toEqual(["DATABASE_UNAVAILABLE", "DATABASE_UNAVAILABLE", "DATABASE_UNAVAILABLE"]);
  expect(text(await busy)).toBe("slept");
  expect(text(await impatient.text(echo("later")))).toBe("alone later");
  await impatient.close();
});
