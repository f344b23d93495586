import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import { openDatabase } from "../../../src/adapters/postgres/database.ts";
import { failureOf } from "../../support/failure-of.ts";
import { type TestDatabase, testDatabase } from "../../support/postgres.ts";
import { type TlsFront, tlsFront } from "../../support/tls-front.ts";
import { untilSessions } from "../../support/until.ts";

let home: TestDatabase;
beforeAll(async () => {
  home = await testDatabase("tls");
});
afterAll(() => home.drop());

const fronts: TlsFront[] = [];
afterEach(() => {
  for (const front of fronts.splice(0)) front.close();
});

/** What a statement of some length, in and out, gives by way of a front that answers SSLRequest so. */
async function ask(sslmode: string, answer?: string): Promise<{ value: string; encrypted: number }> {
  const front = await tlsFront(home.url, answer);
  fronts.push(front);
  const database = openDatabase({ url: `${front.url}?sslmode=${sslmode}`, connectTimeoutMs: 2_000 });
  try {
    const bytes = await database.text({ text: "select $1::text", values: ["ž".repeat(100_000)] });
    const value = typeof bytes === "string" ? bytes : new TextDecoder().decode(bytes);
    return { value: value === "ž".repeat(100_000) ? "whole" : value, encrypted: front.encrypted() };
  } finally {
    await database.close();
  }
}

test.each(["prefer", "require"])("sslmode=%s encrypts where the server offers it", async (mode) => {
  expect(await ask(mode)).toEqual({ value: "whole", encrypted: 1 });
});

test("sslmode=disable does not ask for TLS", async () => {
  const database = openDatabase({ url: `${home.url}?sslmode=disable` });
  await database.text({ text: "select 'plain'", values: [] });
  await database.close();
});

test("sslmode=prefer goes on in the clear where the server offers no TLS", async () => {
  expect(await ask("prefer", "N")).toEqual({ value: "whole", encrypted: 0 });
});

test("sslmode=require refuses a server without TLS", async () => {
  await expect(ask("require", "N")).rejects.toMatchObject({ code: "DATABASE_UNAVAILABLE" });
});

test.each(["verify-ca", "verify-full"])("sslmode=%s refuses a certificate that nobody vouches for", async (mode) => {
  await expect(ask(mode)).rejects.toMatchObject({ code: "DATABASE_UNAVAILABLE" });
});

test("bytes that follow the answer to SSLRequest in the clear are refused", async () => {
  await expect(ask("prefer", "Nx")).rejects.toMatchObject({ code: "DATABASE_UNAVAILABLE" });
});

test("a statement over TLS can be cancelled", async () => {
  const front = await tlsFront(home.url);
  fronts.push(front);
  const database = openDatabase({ url: `${front.url}?sslmode=require`, connectionsMax: 1 });
  const client = new AbortController();
  const watcher = openDatabase({ url: home.url, connectionsMax: 1 });
  const statement = { text: "select pg_sleep(600)::text", values: [] };
  const failure = failureOf(database.text(statement, { signal: client.signal }));
  await untilSessions(watcher, 1, "wait_event = 'PgSleep'");
  client.abort();
  expect((await failure).code).toBe("REQUEST_CANCELLED");
  // The only connection is free again, which it is not before the server has ended the statement.
  expect(await database.rows({ text: "select 'next'", values: [] })).toEqual([["next"]]);
  await watcher.close();
  await database.close();
});
