/** A database whose every name, label and comment is an attack, on a server that is set to read them another way. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDatabase } from "../../src/adapters/postgres/database.ts";
import { introspect } from "../../src/adapters/postgres/introspect/introspect.ts";
import { writeSchemaFiles } from "../../src/cli/schema-files.ts";
import type { Schema } from "../../src/core/schema/builder/builder.ts";
import type { ObjectType } from "../../src/core/schema/model.ts";
import { type Served, serveDatabase } from "../engine/served.ts";
import { runSql, testDatabase } from "../support/postgres.ts";

const ATTACKS: readonly string[] = [
  'a"b',
  "a'b",
  "a\\b",
  "a\\'b",
  "\\",
  "$$x$$",
  "$1",
  "?",
  "; DROP TABLE canary; --",
  "/* a",
  "*/ (globalThis as any).taken = 1 /*",
  `\${globalThis.taken = 2}`,
  "`+(globalThis.taken = 3)+`",
  "a\nb",
  "\u2028",
  "__proto__",
  "constructor",
  '"""',
  "' || pg_sleep(9) || '",
  "E'\\'",
  "\\u0022",
  "{}",
  "NULL",
];

const name = (text: string) => `"${text.replaceAll('"', '""')}"`;
const text = (value: string) => `E'${value.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
const each = (write: (attack: string) => string) => ATTACKS.map(write).join(", ");
const TABLE = name("t'\"\\\n$$*/");
const LABELS = name("e'\"\\");

const SETUP = `
  CREATE TABLE canary (id int PRIMARY KEY);
  CREATE TYPE ${LABELS} AS ENUM (${each(text)});
  CREATE TABLE ${TABLE} (id int PRIMARY KEY, ${each((attack) => `${name(attack)} text`)}, label ${LABELS}, labels ${LABELS}[]);
  INSERT INTO ${TABLE} VALUES (1, ${each(text)}, ${text("a\\'b")}, ARRAY[${each(text)}]::${LABELS}[]);
  COMMENT ON TABLE ${TABLE} IS ${text(ATTACKS.join(" "))};
  ${ATTACKS.map((attack) => `COMMENT ON COLUMN ${TABLE}.${name(attack)} IS ${text(attack)};`).join("\n")}
  CREATE VIEW v_document AS SELECT 1 AS id, jsonb_build_object(${each((attack) => `${text(attack)}, ${text(attack)}`)}) AS data;
  CREATE FUNCTION ${name("f'\"\\")}(${name("x'\"\\")} text) RETURNS text STABLE LANGUAGE sql AS 'SELECT $1';
  DO $do$ BEGIN
    EXECUTE format('ALTER DATABASE %I SET standard_conforming_strings = off', current_database());
    EXECUTE format('ALTER DATABASE %I SET backslash_quote = on', current_database());
    EXECUTE format('ALTER DATABASE %I SET array_nulls = off', current_database());
    EXECUTE format('ALTER DATABASE %I SET extra_float_digits = -15', current_database());
  END $do$;
`;

let api: Served;
let object: ObjectType;
let list: string;
beforeAll(async () => {
  const home = await testDatabase("hostile");
  await runSql(home.url, SETUP);
  api = await serveDatabase(home);
  object = api.model.objects.find(({ fields }) => fields.some((field) => field.name === "labels")) as ObjectType;
  list = listOf(object);
}, 30_000);
afterAll(() => api.close());

const listOf = ({ name: type }: ObjectType): string =>
  api.model.queries.find((query) => query.kind === "list" && query.type === type)?.name ?? "";
const scalarsOf = ({ fields }: ObjectType): readonly string[] =>
  fields.flatMap((field) => (field.kind === "scalar" ? field.name : []));
const rowOf = async (type: ObjectType): Promise<Record<string, unknown>> => {
  const query = listOf(type);
  const data = (await api.data(`{ ${query} { ${scalarsOf(type).join(" ")} } }`)) as Record<
    string,
    Record<string, unknown>[]
  >;
  return data[query]?.[0] ?? {};
};

test("every column answers what is in it", async () => {
  const row = await rowOf(object);
  expect(Object.values(row).filter((value) => ATTACKS.includes(String(value)))).toEqual([...ATTACKS]);
  expect(row["labels"]).toHaveLength(ATTACKS.length);
});

test("every key of a document answers what is in it", async () => {
  const document = api.model.objects.find(({ source }) => source.kind === "document") as ObjectType;
  expect(Object.values(await rowOf(document))).toEqual(expect.arrayContaining([...ATTACKS]));
});

test("every text finds its own row, as a variable and written in the document", async () => {
  const row = await rowOf(object);
  const fields = scalarsOf(object).filter((field) => ATTACKS.includes(String(row[field])));
  for (const field of fields) {
    const matching = async (value: string) => [
      await api.data(`query ($v: String) { ${list}(where: { ${field}: { eq: $v } }) { id } }`, { v: value }),
      await api.data(`{ ${list}(where: { ${field}: { in: [${JSON.stringify(value)}] } }) { id } }`),
      await api.data(`query ($v: String) { ${list}(where: { ${field}: { contains: $v } }) { id } }`, { v: value }),
    ];
    const one = { [list]: [{ id: 1 }] };
    expect(await matching(String(row[field]))).toEqual([one, one, one]);
    expect(await matching(`${String(row[field])}!`)).toEqual([{ [list]: [] }, { [list]: [] }, { [list]: [] }]);
  }
});

test("every label of an enum is found by its name, and only it", async () => {
  const [labels] = api.model.enums;
  for (const { name: value, label } of labels?.values ?? []) {
    const data = await api.data(`{ ${list}(where: { label: { eq: ${value} } }) { label } }`);
    expect(data).toEqual({ [list]: label === "a\\'b" ? [{ label: value }] : [] });
  }
});

test("a function gets its argument as it is", async () => {
  const call = api.model.queries.find((query) => query.kind === "function-value");
  if (call?.kind !== "function-value") throw new Error("expected a function");
  for (const attack of ATTACKS) {
    const query = `query ($v: String!) { ${call.name}(${call.arguments[0]?.name}: $v) }`;
    expect(await api.data(query, { v: attack })).toEqual({ [call.name]: attack });
  }
});

test("nothing was dropped on the way", async () => {
  expect(await api.database.rows({ text: "select count(*)::text from canary", values: [] })).toEqual([["0"]]);
});

describe("the schema that is written as TypeScript", () => {
  test("runs nothing of the database's when it is loaded, and gives the model again", async () => {
    const folder = await mkdtemp(join(tmpdir(), "fraiseql-hostile-"));
    const database = openDatabase({ url: api.url });
    try {
      const out = join(folder, "schema.ts");
      await writeSchemaFiles({ out, catalog: await introspect(database), model: api.model, force: true });
      const { schema } = (await import(out)) as { schema: Schema };
      expect(globalThis).not.toHaveProperty("taken");
      expect(schema.model.objects.find(({ name: type }) => type === object.name)?.source).toEqual(object.source);
    } finally {
      await database.close();
      await rm(folder, { recursive: true });
    }
  });
});
