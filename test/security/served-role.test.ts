/** The role that `npm start` serves its database as. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { type EmbeddedDatabase, startEmbeddedDatabase } from "../../src/compose/embedded.ts";
import { runSql } from "../support/postgres.ts";

const SETUP = `
  CREATE SCHEMA "other one";
  CREATE TABLE word (text text);
  INSERT INTO word VALUES ('kept');
  CREATE VIEW v_word AS SELECT * FROM word;
  CREATE TABLE "other one"."Word" AS TABLE word;
  CREATE FUNCTION word_count() RETURNS bigint STABLE LANGUAGE sql AS 'SELECT count(*) FROM word';
`;

let directory: string;
let database: EmbeddedDatabase;
const start = () =>
  startEmbeddedDatabase({
    directory,
    contents: { name: "words", version: "1", load: (url) => runSql(url, SETUP) },
    progress: () => undefined,
  });
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "fraiseql-served-role-"));
  await chmod(directory, 0o711);
  database = await start();
}, 60_000);
afterAll(async () => {
  await database.stop();
  await rm(directory, { recursive: true });
});

/** The first row, or the SQLSTATE of the refusal. */
async function asked(url: string, text: string): Promise<unknown> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    // In a transaction that may write, since the default is the role's own to change.
    return (await sql.begin("read write", (transaction) => transaction.unsafe(text)))[0];
  } catch (error) {
    return (error as { code?: string }).code;
  } finally {
    await sql.end();
  }
}

test("reads tables, views and functions of every schema, and what its superuser makes later", async () => {
  const kept = { text: "kept" };
  expect(await asked(database.url, "SELECT text FROM word")).toEqual(kept);
  expect(await asked(database.url, "SELECT text FROM v_word")).toEqual(kept);
  expect(await asked(database.url, 'SELECT text FROM "other one"."Word"')).toEqual(kept);
  expect(await asked(database.url, "SELECT word_count()")).toEqual({ word_count: "1" });
  await runSql(database.ownerUrl, "CREATE SCHEMA later; CREATE TABLE later.word AS TABLE word");
  expect(await asked(database.url, "SELECT text FROM later.word")).toEqual(kept);
});

test.each([
  "INSERT INTO word VALUES ('new')",
  "UPDATE word SET text = 'new'",
  "DELETE FROM word",
  "TRUNCATE word",
  "DROP TABLE word",
  "CREATE TABLE mine (text text)",
  "CREATE SCHEMA mine",
  "CREATE ROLE mine",
  "COPY word TO PROGRAM 'true'",
  "SELECT pg_read_file('/etc/passwd')",
  "SELECT rolpassword FROM pg_authid",
  "SET ROLE fraiseql",
  "ALTER ROLE fraiseql_reader SUPERUSER",
])("may not %s", async (text) => {
  expect(await asked(database.url, text)).toBe("42501");
});

test("is an ordinary role whose transactions only read unless they say otherwise", async () => {
  const attributes = `SELECT rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls AS may FROM pg_roles
    WHERE rolname = current_user`;
  expect(await asked(database.url, attributes)).toEqual({ may: false });
  expect(await asked(database.url, "SHOW default_transaction_read_only")).toEqual({
    default_transaction_read_only: "on",
  });
  expect(await asked(database.ownerUrl, attributes)).toEqual({ may: true });
});

test("has another password at each start, and still its rights", async () => {
  const { password } = new URL(database.url);
  await database.stop();
  database = await start();
  expect(new URL(database.url).password).not.toBe(password);
  expect(await asked(database.url, "SELECT text FROM v_word")).toEqual({ text: "kept" });
}, 60_000);
