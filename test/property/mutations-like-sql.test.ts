/** Any sequence of generated mutations leaves the database as the same sequence of plain SQL would, step by step. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import fc from "fast-check";
import postgres, { type Sql } from "postgres";
import { type Served, serve } from "../engine/served.ts";

const COLUMNS = `(id int primary key, word text unique, number int not null default 3 check (number >= 0))`;
const RUNS = { numRuns: 150 };
const TIMEOUT_MS = 120_000;

let api: Served;
let sql: Sql;
beforeAll(async () => {
  api = await serve(
    "mutation_property",
    `create table note ${COLUMNS}; create schema plain; create table plain.copy ${COLUMNS}`,
  );
  sql = postgres(api.url, { max: 1, onnotice: () => {} });
});
afterAll(async () => {
  await sql.end();
  await api.close();
});

type Row = { readonly id: number; readonly word?: string | null; readonly number?: number | null };
type Step = {
  readonly title: string;
  readonly field: string;
  readonly variables: Record<string, unknown>;
  /** Plain SQL, written for this test alone: its values are those the step was made of. */
  readonly run: () => Promise<readonly unknown[]>;
};

const id = fc.integer({ min: 1, max: 5 });
const word = fc.constantFrom("a", "b", `'"\\`, "", null);
const number = fc.constantFrom(0, 1, 2, -1, null);
const row: fc.Arbitrary<Row> = fc.record({ id, word, number }, { requiredKeys: ["id"] });
const alike = fc.array(fc.record({ id, word, number: fc.constantFrom(0, 1, 2) }), { minLength: 1, maxLength: 3 });
const set = fc.record({ word, number }, { requiredKeys: [] }).filter((each) => Object.keys(each).length > 0);

const names = (values: object): string => Object.keys(values).join(", ");
const marks = (values: object, from = 1): string =>
  Object.keys(values)
    .map((_, index) => `$${from + index}`)
    .join(", ");
const assignments = (values: object, from: number): string =>
  Object.keys(values)
    .map((name, index) => `${name} = $${from + index}`)
    .join(", ");
const given = (values: object) => Object.values(values) as (string | number | null)[];
const RETURNING = "returning id, word, number";
const excluded = (values: object): string => {
  const others = Object.keys(values).filter((name) => name !== "id");
  return (others.length > 0 ? others : ["id"]).map((name) => `${name} = excluded.${name}`).join(", ");
};

async function inOne(rows: readonly Row[], text: (values: Row) => string): Promise<readonly unknown[]> {
  return (await sql.begin(async (transaction) => {
    const made: unknown[] = [];
    for (const each of rows) made.push(...(await transaction.unsafe(text(each), given(each))));
    return made;
  })) as readonly unknown[];
}
const insertText = (values: Row): string =>
  `insert into plain.copy (${names(values)}) values (${marks(values)}) ${RETURNING}`;
const upsertText = (values: Row): string =>
  `insert into plain.copy (${names(values)}) values (${marks(values)}) on conflict (id) do update set ${excluded(values)} ${RETURNING}`;

const SELECTION = "{ id word number }";
const steps: fc.Arbitrary<Step> = fc.oneof(
  row.map((values) => ({
    title: "insert",
    field: `insertNote(values: $values) ${SELECTION}`,
    variables: { values },
    run: () => inOne([values], insertText),
  })),
  fc.array(row, { minLength: 1, maxLength: 3 }).map((values) => ({
    title: "insertMany",
    field: `insertNotes(values: $rows) ${SELECTION}`,
    variables: { rows: values },
    run: () => inOne(values, insertText),
  })),
  row.map((values) => ({
    title: "upsert",
    field: `upsertNote(values: $values, by: id) ${SELECTION}`,
    variables: { values },
    run: () => inOne([values], upsertText),
  })),
  alike
    .filter((rows) => new Set(rows.map((each) => each.id)).size === rows.length)
    .map((rows) => ({
      title: "upsertMany",
      field: `upsertNotes(values: $rows, by: id) ${SELECTION}`,
      variables: { rows },
      run: () => inOne(rows, upsertText),
    })),
  fc.tuple(id, set).map(([key, values]) => ({
    title: "update",
    field: `updateNote(id: $id, set: $set) ${SELECTION}`,
    variables: { id: key, set: values },
    run: () =>
      sql.unsafe(`update plain.copy set ${assignments(values, 2)} where id = $1 ${RETURNING}`, [key, ...given(values)]),
  })),
  fc.tuple(id, set).map(([key, values]) => ({
    title: "updateMany",
    field: `updateNotes(where: { id: { gte: $id } }, set: $set) ${SELECTION}`,
    variables: { id: key, set: values },
    run: () =>
      sql.unsafe(
        `with u as (update plain.copy set ${assignments(values, 2)} where id >= $1 ${RETURNING}) select * from u order by id`,
        [key, ...given(values)],
      ),
  })),
  id.map((key) => ({
    title: "delete",
    field: `deleteNote(id: $id) ${SELECTION}`,
    variables: { id: key },
    run: () => sql.unsafe(`delete from plain.copy where id = $1 ${RETURNING}`, [key]),
  })),
  id.map((key) => ({
    title: "deleteMany",
    field: `deleteNotes(where: { id: { lt: $id } }) ${SELECTION}`,
    variables: { id: key },
    run: () =>
      sql.unsafe(`with d as (delete from plain.copy where id < $1 ${RETURNING}) select * from d order by id`, [key]),
  })),
);

const DECLARED: Readonly<Record<string, string>> = {
  values: "$values: NoteInsert!",
  rows: "$rows: [NoteInsert!]!",
  id: "$id: Int!",
  set: "$set: NoteSet!",
};

async function both({ field, variables, run }: Step): Promise<readonly [unknown, unknown]> {
  const declared = Object.keys(variables)
    .map((name) => DECLARED[name])
    .join(", ");
  const { data, errors } = await api.answer(`mutation (${declared}) { it: ${field} }`, variables);
  const ours = errors.length > 0 ? "refused" : [(data as { it: unknown }).it ?? []].flat();
  const plain = await run().then(
    (rows) => rows.map((each) => ({ ...(each as object) })),
    () => "refused",
  );
  return [ours, plain];
}

const rowsOf = async (table: string) =>
  (await sql.unsafe(`select id, word, number from ${table} order by id`)).map((each) => ({ ...each }));

test(
  "a sequence of mutations and the same plain SQL answer alike and leave equal tables",
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(steps, { minLength: 1, maxLength: 12 }), async (sequence) => {
        await sql.unsafe("truncate note, plain.copy").simple();
        for (const step of sequence) {
          const [ours, plain] = await both(step);
          expect(ours).toEqual(plain as never);
        }
        expect(await rowsOf("note")).toEqual(await rowsOf("plain.copy"));
      }),
      RUNS,
    );
  },
  TIMEOUT_MS,
);
