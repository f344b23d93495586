import { afterAll, beforeAll, expect, test } from "bun:test";
import { openDatabase } from "../../../src/adapters/postgres/database.ts";
import type { FraiseqlError } from "../../../src/core/errors.ts";
import type { Database, Statement } from "../../../src/ports/database.ts";
import { type TestDatabase, testDatabase } from "../../support/postgres.ts";

let server: TestDatabase;
let database: Database;
let watcher: Database;

beforeAll(async () => {
  server = await testDatabase("merged");
  database = openDatabase({ url: server.url, connectionsMax: 1, mergeFrom: 0 });
  watcher = openDatabase({ url: server.url, connectionsMax: 1 });
}, 60_000);
afterAll(async () => {
  await Promise.all([database.close(), watcher.close()]);
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

/** A list: it may be merged where it is quick. */
const list = (value: string): Statement => ({
  text: "select 'alone ' || $1",
  values: [value],
  merged: "select 'merged ' || p1 from unnest($1::text[]) with ordinality as v(p1, place) order by place",
  mergesIfQuick: true,
});

/** Forms in which 60 at once were answered, after so many one by one, by a clock on which each took so many milliseconds. */
async function formsOf(
  before: number,
  read: (value: string) => Statement,
  milliseconds: number,
): Promise<readonly string[]> {
  let time = 0;
  const now = () => (time += milliseconds);
  const roomy = openDatabase({ url: server.url, connectionsMax: 10, now });
  for (let index = 0; index < before; index += 1) await roomy.text(read("first"));
  const answers = await Promise.all(Array.from({ length: 60 }, (_, index) => roomy.text(read(String(index)))));
  await roomy.close();
  expect(answers.map((answer) => text(answer).split(" ")[1])).toEqual(answers.map((_, index) => String(index)));
  return answers.map((answer) => text(answer).split(" ")[0] ?? "");
}

test("reads that are known to be quick share a few connections, and the rest of a crowd is merged", async () => {
  expect((await formsOf(30, list, 1)).filter((form) => form === "alone").length).toBe(3);
  expect((await formsOf(30, echo as typeof list, 1)).filter((form) => form === "alone").length).toBe(3);
});

test("a list that is not known to be quick, or is slow, has a statement of its own for each request", async () => {
  expect(new Set(await formsOf(0, list, 1))).toEqual(new Set(["alone"]));
  expect(new Set(await formsOf(30, list, 10))).toEqual(new Set(["alone"]));
});

test("more reads than one statement takes are read by several", async () => {
  const answers = await Promise.all(Array.from({ length: 200 }, (_, index) => database.text(whole(String(index)))));
  expect(answers.map(text)).toEqual(Array.from({ length: 200 }, (_, index) => String(index)));
});

/** A statement that has a connection until it is let go. */
async function held(database: Database) {
  const lock = (name: string): Statement => ({ text: `select ${name}(7)::text || 'held'`, values: [] });
  await watcher.rows(lock("pg_advisory_lock"));
  const busy = database.text(lock("pg_advisory_xact_lock_shared"));
  return { busy, letGo: () => watcher.rows(lock("pg_advisory_unlock")) };
}

test("when the wait for a connection is too long, all who wait are told, and later reads are answered", async () => {
  const impatient = openDatabase({ url: server.url, connectionsMax: 1, waitMs: 1_000, mergeFrom: 0 });
  const { busy, letGo } = await held(impatient);
  const codes = await Promise.all(
    [1, 2, 3].map((value) => impatient.text(echo(String(value))).catch((error: FraiseqlError) => error.code)),
  );
  expect(codes).toEqual(["DATABASE_UNAVAILABLE", "DATABASE_UNAVAILABLE", "DATABASE_UNAVAILABLE"]);
  await letGo();
  expect(text(await busy)).toBe("held");
  expect(text(await impatient.text(echo("later")))).toBe("alone later");
  await impatient.close();
});

test("after such a wait a crowd is answered, too: nobody joins a group that was refused", async () => {
  const impatient = openDatabase({ url: server.url, connectionsMax: 1, waitMs: 1_000, mergeFrom: 0 });
  const { busy, letGo } = await held(impatient);
  const refused = [1, 2].map((value) =>
    impatient.text(echo(String(value))).catch((error: FraiseqlError) => error.code),
  );
  expect(await Promise.all(refused)).toEqual(["DATABASE_UNAVAILABLE", "DATABASE_UNAVAILABLE"]);
  await letGo();
  await busy;
  const crowd = await Promise.all(["a", "b", "c"].map((value) => impatient.text(echo(value))));
  expect(crowd.map(text)).toEqual(["alone a", "merged b", "merged c"]);
  await impatient.close();
});

/** Says how many were read together, after a while. */
const counted = (value: string, seconds = 0): Statement => ({
  text: `select 'alone ' || $1 || pg_sleep(${seconds})::text`,
  values: [value],
  merged: `select 'of ' || count(*) over () || ' ' || p1 || slept from (select pg_sleep(${seconds})::text as slept) as once, unnest($1::text[]) with ordinality as v(p1, place) order by place`,
});

const outcome = (answer: Promise<string | Uint8Array>): Promise<string> =>
  answer.then(text, (error: FraiseqlError) => error.code);

/** Waits until that many statements with the text run on the server. */
async function running(part: string, count: number): Promise<void> {
  const statement: Statement = {
    text: "select count(*) from pg_stat_activity where state = 'active' and pid <> pg_backend_pid() and strpos(query, $1) > 0",
    values: [part],
  };
  for (;;) {
    const [[found] = []] = await watcher.rows(statement);
    if (Number(found) === count) return;
  }
}

test("a caller that leaves before the statement goes out is told so at once and left out of it", async () => {
  const client = new AbortController();
  const { busy, letGo } = await held(database);
  const leaving = outcome(database.text(counted("leaves"), { signal: client.signal }));
  const staying = ["b", "c"].map((value) => outcome(database.text(counted(value))));
  client.abort();
  // The connection is still held.
  expect(await leaving).toBe("REQUEST_CANCELLED");
  await letGo();
  await busy;
  expect(await Promise.all(staying)).toEqual(["of 2 b", "of 2 c"]);
});

test("where all have left, nothing goes out, and who comes then is answered", async () => {
  const client = new AbortController();
  const { busy, letGo } = await held(database);
  const leaving = ["a", "b"].map((value) => outcome(database.text(counted(value), { signal: client.signal })));
  client.abort();
  expect(await Promise.all(leaving)).toEqual(["REQUEST_CANCELLED", "REQUEST_CANCELLED"]);
  const later = ["c", "d"].map((value) => outcome(database.text(counted(value))));
  await letGo();
  expect(text(await busy)).toBe("held");
  expect(await Promise.all(later)).toEqual(["of 2 c", "of 2 d"]);
});

test("a caller that leaves a running statement is told so at once, and the others get their own answers", async () => {
  const client = new AbortController();
  const first = outcome(database.text(counted("first")));
  const leaving = outcome(database.text(counted("b", 1), { signal: client.signal }));
  const staying = ["a", "c", "d"].map((value) => outcome(database.text(counted(value, 1))));
  await running("'of '", 1);
  client.abort();
  const isDone = Promise.all(staying).then(() => "answered");
  expect(await Promise.race([leaving, isDone])).toBe("REQUEST_CANCELLED");
  expect(await Promise.all([first, ...staying])).toEqual(["alone first", "of 4 a", "of 4 c", "of 4 d"]);
});

test("the statement is cancelled on the server when the last caller has left", async () => {
  const clients = [new AbortController(), new AbortController()];
  const first = outcome(database.text(counted("first")));
  const leaving = clients.map(({ signal }) => outcome(database.text(counted("x", 600), { signal })));
  await running("'of '", 1);
  clients[0]?.abort();
  expect(await leaving[0]).toBe("REQUEST_CANCELLED");
  await running("'of '", 1);
  clients[1]?.abort();
  expect(await leaving[1]).toBe("REQUEST_CANCELLED");
  await running("'of '", 0);
  expect(await Promise.all([first, outcome(database.text(counted("next")))])).toEqual(["alone first", "alone next"]);
});

test("a read that has to be read again alone can still be left", async () => {
  const client = new AbortController();
  const slow = (value: string): Statement => ({
    text: "select pg_sleep(600 * $1::int)::text || $1",
    values: [value],
    merged: "select (p1::int4)::text from unnest($1::text[]) with ordinality as v(p1, place) order by place",
  });
  const first = outcome(database.text(counted("first")));
  const wrong = outcome(database.text(slow("x")));
  const leaving = outcome(database.text(slow("1"), { signal: client.signal }));
  await running("pg_sleep(600 * ", 1);
  client.abort();
  expect(await Promise.all([first, wrong, leaving])).toEqual(["alone first", "BAD_USER_INPUT", "REQUEST_CANCELLED"]);
  await running("pg_sleep(600 * ", 0);
});
