/** What one mutation may take: its fields are answered together, and each is bounded by itself only. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Sql } from "postgres";
import { createApp } from "../../routes/app.ts";
import { compileDatabase } from "../../src/compose/compile-database.ts";
import { type Edge, openEdge } from "../../src/compose/edge.ts";
import { loadConfig } from "../../src/config/load-config.ts";
import { type MigratedDatabase, migratedDatabase } from "../support/migrated.ts";

let home: MigratedDatabase;
let sql: Sql;
let edge: Edge;
let app: ReturnType<typeof createApp>;
beforeAll(async () => {
  home = await migratedDatabase("mutation_answers");
  sql = home.sql;
  await sql.unsafe("create table public.note (id int primary key, text text not null)");
  const { artifact } = await compileDatabase(home.url);
  const env = { DATABASE_URL: home.url };
  const config = loadConfig({ env });
  const limits = { ...config.limits, responseBytesMax: 2_000 };
  edge = await openEdge({ config: { ...config, limits }, artifact, report: () => undefined });
  app = createApp(edge);
});
afterAll(async () => {
  await edge.close();
  await home.drop();
});

async function post(query: string, headers: Record<string, string> = {}, variables?: Record<string, unknown>) {
  const response = await app.request("/graphql", {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ query, variables }),
  });
  return (await response.json()) as {
    data?: Record<string, unknown>;
    errors?: { path: string[]; extensions: { code: string } }[];
  };
}
const note = (alias: string, id: number) =>
  `${alias}: insertNote(values: { id: ${id}, text: "${"x".repeat(1_500)}" }) { text }`;
const ids = async () => (await sql`select id from public.note order by id`).map(({ id }) => id);

test("fields are not run once those before them fill the answer, and say so", async () => {
  const { data, errors } = await post(`mutation { ${note("a", 1)} ${note("b", 2)} ${note("c", 3)} }`);
  expect(Object.entries(data ?? {}).map(([key, value]) => [key, value !== null])).toEqual([
    ["a", true],
    ["b", true],
    ["c", false],
  ]);
  expect(errors?.map(({ path, extensions }) => [path, extensions.code])).toEqual([[["c"], "RESPONSE_LIMIT"]]);
  expect(await ids()).toEqual([1, 2]);
});

test("with an Idempotency-Key nothing is done then", async () => {
  const query = `mutation { ${note("a", 11)} ${note("b", 12)} ${note("c", 13)} }`;
  const { errors } = await post(query, { "idempotency-key": "one" });
  expect(errors?.map(({ extensions }) => extensions.code)).toEqual(["RESPONSE_LIMIT"]);
  expect(await ids()).toEqual([1, 2]);
});

test("an answer that is longer than it may be never says that nothing happened", async () => {
  const { errors } = await post(
    `mutation { a: insertNote(values: { id: 21, text: "${"x".repeat(2_500)}" }) { text } }`,
  );
  const kept = (await ids()).includes(21);
  expect([errors?.[0]?.extensions.code, kept]).toEqual(kept ? ["OUTCOME_UNKNOWN", true] : ["RESPONSE_LIMIT", false]);
});

test("among many mutations those whose answers are too long take no other along", async () => {
  const insert = (id: number, length: number) =>
    post(
      "mutation ($values: NoteInsert!) { insertNote(values: $values) { id text } }",
      {},
      { values: { id, text: "x".repeat(length) } },
    );
  // Those that are seen to be quick share connections.
  for (let id = 100; id < 140; id += 1) await insert(id, 10);
  const lengths = Array.from({ length: 60 }, (_, index) => (index % 7 === 6 ? 50_000 : 10));
  const answers = await Promise.all(lengths.map((length, index) => insert(200 + index, length)));
  const codes = answers.map(({ errors }) => errors?.[0]?.extensions.code);
  expect(codes).toEqual(lengths.map((length) => (length === 10 ? undefined : "OUTCOME_UNKNOWN")));
  expect((await ids()).filter((id) => id >= 200)).toHaveLength(60);
});

test("errors of the database show neither its statements nor values of other rows", async () => {
  await sql`insert into public.note values (31, 'hunter2')`;
  const answers = [
    await post('mutation { insertNote(values: { id: 31, text: "a" }) { text } }'),
    await post('mutation { insertNote(values: { id: 2147483648, text: "a" }) { text } }'),
    await post('mutation { updateNote(id: 31, set: { text: "\\u0000" }) { text } }'),
  ];
  for (const { errors } of answers) expect(errors?.length).toBe(1);
  expect(JSON.stringify(answers)).not.toMatch(/hunter2|insert into|select |returning|DETAIL/i);
});
