/** Statements on several connections that see the database at one moment. */
import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import postgres from "postgres";
import { openBunWire } from "../../../../src/adapters/postgres/bulk/bun-wire.ts";
import type { OpenWire } from "../../../../src/adapters/postgres/bulk/wire.ts";
import type { BulkResult } from "../../../../src/ports/bulk-reader.ts";
import { failureOf } from "../../../support/failure-of.ts";
import { type TestDatabase, testDatabase } from "../../../support/postgres.ts";
import { bulkReaders } from "./bulk-readers.ts";
import { rowsOf } from "./rows-of.ts";

let home: TestDatabase;
let sql: postgres.Sql;
beforeAll(async () => {
  home = await testDatabase("together", "CREATE TABLE note (id int PRIMARY KEY, body text NOT NULL)");
  sql = postgres(home.url, { max: 3, onnotice: () => {}, fetch_types: false });
  await sql.unsafe("INSERT INTO note SELECT n, 'note ' || n FROM generate_series(1, 1000) n");
});
afterAll(async () => {
  await sql.end();
  await home.drop();
});

const { open, closeAll } = bulkReaders(() => ({ url: home.url }));
afterEach(closeAll);

const TWO = { connections: 2, relations: [{ schema: "public", name: "note" }] };
const NOTES = { text: "select id from note", values: [] };
const notes = (count: number) => Array.from({ length: count }, () => NOTES);
async function countOf(result: BulkResult): Promise<number> {
  let count = 0;
  for (let bytes = await result.read(); bytes; bytes = await result.read()) count += rowsOf(Buffer.from(bytes)).length;
  return count;
}
const counts = async (results: readonly BulkResult[]) => Promise.all(results.map(countOf));
/** Sessions of the reader, or of somebody else, in this state or waiting for that. */
const sessions = async (state: string, application = "fraiseql"): Promise<number> => {
  const [row] = await sql`select count(*)::int as n from pg_stat_activity
    where datname = current_database() and application_name = ${application} and (state = ${state} or wait_event_type = ${state})`;
  return Number(row?.["n"]);
};

test("a table that is rewritten before they begin is not empty to them", async () => {
  const reader = open();
  const answer = Promise.withResolvers<readonly BulkResult[]>();
  await sql.begin(async (transaction) => {
    await transaction.unsafe("ALTER TABLE note ADD extra float8 DEFAULT random()");
    reader.openTogether(notes, TWO).then(answer.resolve, answer.reject);
    while ((await sessions("Lock")) !== 1);
  });
  expect(await counts(await answer.promise)).toEqual([1000, 1000]);
});

test("what cannot be locked is read all the same: a materialized view, and a table of which a role may read one column", async () => {
  await sql.unsafe(`CREATE MATERIALIZED VIEW kept AS SELECT id FROM note;
    CREATE ROLE reads_ids LOGIN PASSWORD 'x'; GRANT SELECT (id) ON note TO reads_ids; GRANT SELECT ON kept TO reads_ids`);
  try {
    const url = new URL(home.url);
    url.username = "reads_ids";
    url.password = "x";
    const relations = [...TWO.relations, { schema: "public", name: "kept" }, { schema: "public", name: "gone" }];
    const both = { text: "select n.id from note n join kept k on k.id = n.id", values: [] };
    const results = await open({ url: url.href }).openTogether(() => [both, both], { ...TWO, relations });
    expect(await counts(results)).toEqual([1000, 1000]);
  } finally {
    await sql.unsafe("DROP OWNED BY reads_ids; DROP ROLE reads_ids; DROP MATERIALIZED VIEW kept");
  }
});

test("a caller that leaves before the first row leaves nobody waiting for a lock", async () => {
  const reader = open();
  const caller = new AbortController();
  await sql.begin(async (transaction) => {
    await transaction.unsafe("LOCK TABLE note IN ACCESS EXCLUSIVE MODE");
    const begun = reader.openTogether(notes, { ...TWO, signal: caller.signal });
    begun.catch(() => undefined);
    while ((await sessions("Lock")) !== 1);
    caller.abort();
    expect((await failureOf(begun)).code).toBe("REQUEST_CANCELLED");
    while ((await sessions("Lock")) !== 0);
  });
  expect(await counts(await reader.openTogether(notes, TWO))).toEqual([1000, 1000]);
});

test("one connection reads all where the other would wait for whoever waits for the first", async () => {
  const gate = Promise.withResolvers<void>();
  let wires = 0;
  const openWire: OpenWire = async (...given) => {
    wires += 1;
    if (wires === 2) await gate.promise;
    return openBunWire(...given);
  };
  const begun = open({ openWire }).openTogether(notes, TWO);
  while ((await sessions("idle in transaction")) !== 1);
  const changed = sql.unsafe("ALTER TABLE note ALTER body SET NOT NULL").execute();
  while ((await sessions("Lock", "postgres.js")) !== 1);
  gate.resolve();
  expect(await counts(await begun)).toEqual([1000]);
  await changed;
});
