/** One document, two forms: the table holds what the JSON answer holds, for every relation, list and value there is. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Column } from "../../src/core/columnar/column.ts";
import type { Logical } from "../core/columnar/logical.ts";
import { readApacheArrow } from "../core/columnar/read-apache-arrow.ts";
import { readFlechette } from "../core/columnar/read-flechette.ts";
import { runSql } from "../support/postgres.ts";
import { type SampleName, sampleAvailable, sampleDatabase } from "../support/samples.ts";
import { wholeQueries } from "../support/whole-queries.ts";
import { logicalOfJson } from "./arrow-values.ts";
import { type Exported, exported, exportedDatabase } from "./exported.ts";

/** JSON has no numbers that are not finite, and is compared by what it says, not by its blanks. */
function asInJson({ type }: Column, value: Logical): Logical {
  if (value === null) return null;
  if (type.kind === "list") return (value as readonly Logical[]).map((item) => asInJson(type.item, item));
  if (type.kind === "struct")
    return type.fields.map((field, index) => asInJson(field, (value as readonly Logical[])[index] as Logical));
  if (type.kind === "float") return Number.isFinite(Number(value)) ? value : null;
  if (type.kind !== "json") return value;
  // A null of JSON and one of SQL are the same in an answer.
  const json: unknown = JSON.parse(value as string);
  return json === null ? null : JSON.stringify(json);
}

/** The rows of the one list of an answer. */
function rowsOf(data: unknown): readonly unknown[] {
  const [value] = Object.values(data as Record<string, unknown>);
  if (value === null) return [];
  if (Array.isArray(value)) return value;
  const { nodes, edges } = value as { nodes?: readonly unknown[]; edges?: readonly { readonly node: unknown }[] };
  return nodes ?? edges?.map(({ node }) => node) ?? [value];
}

async function expectSame({ served, columns, stream }: Exported, query: string): Promise<number> {
  const types = columns(query);
  const rows = rowsOf(await served.data(query));
  const wanted = rows.map((row) =>
    types.map((column) => asInJson(column, logicalOfJson(column, (row as Record<string, unknown>)[column.name]))),
  );
  const bytes = await stream(query);
  for (const read of [readApacheArrow(bytes), readFlechette(bytes)]) {
    expect(read.rows.map((row) => row.map((value, index) => asInJson(types[index] as Column, value)))).toEqual(wanted);
  }
  return rows.length;
}

/** Documents a table can be made of; others are refused with a reason, which the tests of the plan show. */
const tableQueries = (database: Exported, depth: number) =>
  wholeQueries(database.served.operations.schema, depth).filter(({ query }) => {
    try {
      return database.columns(query).length > 0;
    } catch {
      return false;
    }
  });

describe("every type and every nesting", () => {
  let database: Exported;
  beforeAll(async () => {
    const sql = await readFile(join(import.meta.dir, "../differential/every-type.sql"), "utf8");
    database = await exported("arrow_every_type", sql);
  });
  afterAll(() => database.close());

  for (const depth of [1, 2, 3, 4]) {
    test(`answers selected ${depth} deep are the same as tables`, async () => {
      const queries = tableQueries(database, depth);
      expect(queries.length).toBeGreaterThan(1);
      for (const { query } of queries) await expectSame(database, query);
    });
  }

  test("a list that is empty is a table with the same columns and no rows", async () => {
    const query = "{ everythings(where: { id: { eq: -1 } }) { id words homes { street } } }";
    expect(await expectSame(database, query)).toBe(0);
    expect(readApacheArrow(await database.stream(query)).names).toEqual(["id", "words", "homes"]);
  });
});

describe("connections inside of rows", () => {
  let database: Exported;
  beforeAll(async () => {
    database = await exported(
      "arrow_connections",
      `create table artist (id int4 primary key, name text not null);
       create table work (id int4 primary key, artist_id int4 not null references artist, title text, made date);
       create table hanging (id int4 primary key, work_id int4 not null references work, room text not null);
       insert into artist select i, 'artist ' || i from generate_series(1, 4) i;
       insert into work select i, 1 + i % 3, nullif('work ' || i % 5, 'work 0'), date '2020-01-01' + i from generate_series(1, 30) i;
       insert into hanging select i, 1 + i % 30, 'room ' || i from generate_series(1, 60) i;`,
      { limits: { pageRowsMax: 20 } },
    );
  });
  afterAll(() => database.close());

  const PAGE = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor __typename }";
  for (const [what, connection] of [
    ["nodes alone", "worksConnection(first: 3) { nodes { title } }"],
    ["edges with their cursors", "worksConnection(first: 3) { edges { __typename cursor node { id made } } }"],
    ["a page of its own order", `worksConnection(first: 2, orderBy: [{ title: DESC }]) { nodes { title } ${PAGE} }`],
    ["the last of them", `worksConnection(last: 3) { nodes { id } edges { cursor } ${PAGE} }`],
    ["no row of any", `worksConnection(first: 0) { nodes { id } ${PAGE} }`],
    ["a count alone", "worksConnection { totalCount __typename }"],
    ["filtered ones", `worksConnection(where: { title: { eq: "work 1" } }) { totalCount nodes { id } ${PAGE} }`],
    [
      "one inside of another",
      "worksConnection(first: 2) { nodes { id hangingsConnection(last: 1) { totalCount nodes { room } } artist { worksConnection { totalCount } } } }",
    ],
  ] as const) {
    test(`hold ${what} as the answer does`, async () => {
      expect(await expectSame(database, `{ artists { id ${connection} } }`)).toBe(4);
    });
  }

  test("go on behind a cursor", async () => {
    const first = "{ artists { worksConnection(first: 4) { pageInfo { endCursor } } } }";
    const { artists } = (await database.served.data(first)) as {
      artists: { worksConnection: { pageInfo: { endCursor: string } } }[];
    };
    const cursor = artists[0]?.worksConnection.pageInfo.endCursor;
    const page = `worksConnection(first: 4, after: "${cursor}") { nodes { id } ${PAGE} }`;
    expect(await expectSame(database, `{ artists { ${page} } }`)).toBe(4);
  });

  test("that are longer than a page are an error, not short", async () => {
    const query = "{ works(where: { id: { lt: 3 } }) { artist { works { hangingsConnection { nodes { id } } } } } }";
    expect(await expectSame(database, query)).toBe(2);
    await runSql(database.served.url, "insert into work select i, 4, 'more', null from generate_series(101, 121) i");
    const refused = database.stream("{ artists { worksConnection { nodes { id } } } }");
    expect(await refused.catch((error: unknown) => error)).toMatchObject({ code: "PAGE_LIMIT" });
    const paged = "{ artists { worksConnection(first: 20) { nodes { id } pageInfo { hasNextPage } } } }";
    expect(await expectSame(database, paged)).toBe(4);
  });

  test("have the columns of their selection, as a record", () => {
    const [column] = database.columns("{ artists { worksConnection { totalCount nodes { id } edges { cursor } } } }");
    const shown = column?.type.kind === "struct" ? column.type.fields.map(({ name, type }) => [name, type.kind]) : [];
    expect(shown).toEqual([
      ["totalCount", "int"],
      ["nodes", "list"],
      ["edges", "list"],
    ]);
  });
});

for (const name of ["world", "chinook", "sakila"] as const satisfies readonly SampleName[]) {
  describe.skipIf(!sampleAvailable(name))(name, () => {
    let database: Exported;
    beforeAll(async () => {
      database = await exportedDatabase(await sampleDatabase(name));
    });
    afterAll(() => database.close());

    test("answers selected three deep are the same as tables", async () => {
      const queries = tableQueries(database, 3);
      expect(queries.length).toBeGreaterThan(5);
      for (const { query } of queries) await expectSame(database, query);
    });
  });
}
