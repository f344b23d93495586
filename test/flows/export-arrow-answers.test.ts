/** One document, two forms: the table holds what the JSON answer holds, for every relation, list and value there is. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Column } from "../../src/core/columnar/column.ts";
import type { Logical } from "../core/columnar/logical.ts";
import { readApacheArrow } from "../core/columnar/read-apache-arrow.ts";
import { readFlechette } from "../core/columnar/read-flechette.ts";
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
