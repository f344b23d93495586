/** Columns of type `char(n)`: a condition finds the rows that PostgreSQL's own comparison finds. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import postgres from "postgres";
import type { JsonObject } from "../../../src/core/events/json.ts";
import { readCondition } from "../../../src/core/rules/check-rule.ts";
import { compileCondition } from "../../../src/core/rules/conditions/compile-condition.ts";
import { conditionToSql } from "../../../src/core/rules/conditions/condition-sql.ts";
import type { Entity, EntityField, FieldType } from "../../../src/core/rules/entities.ts";
import { renderText, sql } from "../../../src/core/sql/fragment.ts";
import { type TestDatabase, testDatabase } from "../../support/postgres.ts";
import { NOW } from "./orders.ts";

const field = (name: string, type: FieldType): [string, EntityField] => [name, { name, type, nullable: true }];
const PART: Entity = {
  name: "Part",
  table: "public.part",
  fields: new Map([field("code", { kind: "char" }), field("codes", { kind: "array", element: { kind: "char" } })]),
};

let database: TestDatabase;
let client: postgres.Sql;
beforeAll(async () => {
  database = await testDatabase(
    "blank_padded",
    `create table part (id int primary key, code char(4), codes char(4)[]);
     insert into part values (1, 'ab', '{ab,c}'), (2, 'ab', '{"a b"}'), (3, '', '{""}'), (4, null, null), (5, 'abcd', '{}');
     create table was (id int primary key, code char(6), codes char(4)[]);
     insert into was values (1, 'ab'), (2, E'ab\\t'), (3, 'ab'), (4, 'x'), (5, null);`,
  );
  client = postgres(database.url, { max: 1 });
});
afterAll(async () => {
  await client?.end();
  await database?.drop();
});

test.each([
  ["code = 'ab'", "new.code = 'ab'"],
  ["code = 'ab    '", "new.code = 'ab    '"],
  ["code = ' ab'", "new.code = ' ab'"],
  ["code != 'ab '", "new.code <> 'ab '"],
  ["code in ('ab  ', 'abcd ')", "new.code in ('ab  ', 'abcd ')"],
  ["code not in (' ')", "new.code not in (' ')"],
  ["code >= 'ab '", `new.code >= 'ab ' collate "C"`],
  ["changed(code)", "old.code is distinct from new.code"],
  ["changed_to(code, 'ab ')", "old.code is distinct from new.code and new.code = 'ab '"],
  ["contains(codes, 'ab')", "new.codes @> array['ab']::char(4)[]"],
  ["contains(codes, ['c   ', 'ab '])", "new.codes @> array['c   ', 'ab ']::char(4)[]"],
])("%s is what PostgreSQL finds by %s", async (text, where) => {
  const { condition, problems } = readCondition(text, PART, ["update"]);
  if (condition === undefined) throw new Error(JSON.stringify(problems));
  const rows = { old: sql`old`, new: sql`new`, operation: sql`'update'`, claims: sql`'{}'::jsonb`, now: sql`now()` };
  const ours = renderText(conditionToSql(condition, PART, rows));
  const found = await client.unsafe(
    `select row_to_json(old)::text as before, row_to_json(new)::text as after, (${where}) as theirs, (${ours.text}) as ours
     from part as new join was as old on old.id = new.id order by new.id`,
    ours.parameters.map(({ read }) => read({})) as string[],
  );
  const evaluate = compileCondition(condition, PART);
  const theirs = found.map((row) => row["theirs"]);
  expect(found.map((row) => row["ours"])).toEqual(theirs);
  expect(
    found.map(({ before, after }) =>
      evaluate({
        operation: "update",
        before: JSON.parse(before) as JsonObject,
        after: JSON.parse(after) as JsonObject,
        claims: {},
        now: NOW,
      }),
    ),
  ).toEqual(theirs);
});
