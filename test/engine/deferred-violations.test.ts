/** Which root field a violation is about that only the commit finds: under an Idempotency-Key it is that of all of them. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { openDatabaseWriter } from "../../src/adapters/postgres/database-writer.ts";
import { answerIdempotently } from "../../src/flows/answers/answer-idempotently.ts";
import type { DatabaseWriter } from "../../src/ports/database-writer.ts";
import { type Served, serve } from "./served.ts";

const MIGRATION = join(import.meta.dir, "../../src/adapters/postgres/migrations/0002-idempotency.sql");
const SETUP = `
  create table shelf (id int primary key);
  insert into shelf values (1), (2);
  create table book (
    id int primary key, shelf_id int not null references shelf deferrable initially deferred,
    place int unique deferrable initially deferred
  );
  insert into book values (1, 1, 1);
  create table log (id int primary key);
  create function refuse() returns trigger language plpgsql as $$ begin raise 'no logs' using errcode = '23514'; end $$;
  create constraint trigger refuse after insert on log deferrable initially deferred for each row execute function refuse();
`;

let api: Served;
let writer: DatabaseWriter;
beforeAll(async () => {
  api = await serve("deferred_violations", `${SETUP} create schema fraiseql; ${await readFile(MIGRATION, "utf8")}`);
  writer = openDatabaseWriter({ url: api.url, connectionsMax: 2 });
});
afterAll(async () => {
  await writer.close();
  await api.close();
});

async function withKey(fields: string) {
  const prepared = api.operations.prepare({ query: `mutation { ${fields} }` });
  if (prepared.kind !== "mutation") throw new Error("not a mutation");
  const request = { key: crypto.randomUUID(), fingerprint: "f", keptMs: 60_000 };
  const { body, status } = await answerIdempotently({ writer, responseBytesMax: 10_000 }, prepared.writes, {}, request);
  return { status, errors: JSON.parse(String(body)).errors };
}

const reference = {
  message: "A row that is referred to is not there, or is still referred to: shelfId.",
  extensions: { code: "FOREIGN_KEY_VIOLATED", constraint: "book_shelf_id_fkey", fields: ["shelfId"] },
};
const LOST = "insertBook(values: { id: 7, shelfId: 99 }) { id }";

test("the only root field is named with its fields, as without a key", async () => {
  const expected = [{ ...reference, path: ["insertBook"] }];
  expect(await api.answer(`mutation { ${LOST} }`)).toMatchObject({ errors: expected });
  expect(await withKey(LOST)).toEqual({ status: 409, errors: expected });
});

test("of several root fields the one is named whose columns they are", async () => {
  expect(await withKey(`insertShelf(values: { id: 3 }) { id } lost: ${LOST}`)).toEqual({
    status: 409,
    errors: [{ ...reference, path: ["lost"] }],
  });
});

test("where several write the table the fields are named, and no root field", async () => {
  expect(await withKey(`a: insertBook(values: { id: 6, shelfId: 1 }) { id } lost: ${LOST}`)).toEqual({
    status: 409,
    errors: [reference],
  });
});

test("where a deleted row may be at fault, or one that refers to others, no root field is named", async () => {
  const { errors } = await withKey("insertBook(values: { id: 6, shelfId: 2 }) { id } deleteShelf(id: 1) { id }");
  expect(errors).toEqual([
    {
      message: "A row that is referred to is not there, or is still referred to: id.",
      extensions: { code: "FOREIGN_KEY_VIOLATED", constraint: "book_shelf_id_fkey", fields: ["id"] },
    },
  ]);
});

test("what a trigger says of no constraint is told without fields, and the database's names are kept back", async () => {
  const error = { message: "A value does not pass a check of the database.", extensions: expect.anything() };
  const extensions = { code: "CHECK_VIOLATED", fields: [] };
  const write = "insertLog(values: { id: 1 }) { id }";
  expect((await withKey(write)).errors).toEqual([{ ...error, path: ["insertLog"], extensions }]);
  expect((await withKey(`${write} insertShelf(values: { id: 3 }) { id }`)).errors).toEqual([{ ...error, extensions }]);
});
