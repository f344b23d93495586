/** Writes that PostgreSQL refuses for who asks: row security, and rights that the role does not have. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { ensureReader } from "../../src/adapters/embedded-postgres/reader.ts";
import { ensureWriter } from "../../src/adapters/embedded-postgres/writer.ts";
import { openDatabaseWriter } from "../../src/adapters/postgres/database-writer.ts";
import { answerMutation } from "../../src/flows/answers/answer-mutation.ts";
import { type Served, serve } from "./served.ts";

let api: Served;
let urls: { readonly writer: string; readonly reader: string };
beforeAll(async () => {
  api = await serve(
    "refused_writes",
    `create table note (id int primary key, body text not null);
     insert into note values (1, 'public');
     alter table note enable row level security;
     create policy seen on note for select using (true);
     create policy made on note for insert with check (body <> 'secret');
     create policy changed on note for update using (true) with check (body <> 'secret');`,
  );
  urls = { writer: await ensureWriter(api.url), reader: await ensureReader(api.url) };
});
afterAll(() => api.close());

async function answerAs(url: string, field: string) {
  const prepared = api.operations.prepare({ query: `mutation { ${field} }` });
  if (prepared.kind !== "mutation") throw new Error("not a mutation");
  const writer = openDatabaseWriter({ url, connectionsMax: 1 });
  try {
    const { status, body } = await answerMutation({ writer, responseBytesMax: 10_000 }, prepared.writes, {});
    return { status, errors: JSON.parse(typeof body === "string" ? body : new TextDecoder().decode(body)).errors };
  } finally {
    await writer.close();
  }
}

test.each([
  ["inserted", 'insertNote(values: { id: 2, body: "secret" }) { id }'],
  ["changed", 'updateNote(id: 1, set: { body: "secret" }) { id }'],
  ["inserted or changed", 'upsertNote(values: { id: 1, body: "secret" }) { id }'],
])("a row that a policy does not let be %s is forbidden", async (_, field) => {
  expect(await answerAs(urls.writer, field)).toEqual({
    status: 403,
    errors: [
      {
        message: "A policy of the database does not allow the row that would be written.",
        path: [field.slice(0, field.indexOf("("))],
        extensions: { code: "FORBIDDEN", sqlstate: "42501" },
      },
    ],
  });
});

test("a role without the right to write is a matter for the operator, who is not told that it may not read", async () => {
  const { status, errors } = await answerAs(urls.reader, 'insertNote(values: { id: 2, body: "public" }) { id }');
  expect({ status, errors }).toEqual({
    status: 500,
    errors: [
      {
        message: "The database role lacks a right that this operation needs.",
        path: ["insertNote"],
        extensions: { code: "DATABASE_ERROR", sqlstate: "42501" },
      },
    ],
  });
});
