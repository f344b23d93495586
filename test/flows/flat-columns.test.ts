/** The flat layout: every field of an object is a column, in every form, and holds what the JSON answer holds. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Column, shownColumns } from "../../src/core/columnar/column.ts";
import { TABLE } from "../../src/core/sql/exports/table.ts";
import { CSV, NDJSON } from "../../src/flows/exports/prepare-lines.ts";
import { readApacheArrow } from "../core/columnar/read-apache-arrow.ts";
import { readFlechette } from "../core/columnar/read-flechette.ts";
import { wholeQueries } from "../support/whole-queries.ts";
import { type Exported, exported } from "./exported.ts";

/** Fields of the objects that are columns; a connection is a record too, and stays one. */
function spreadFields({ type }: Column): readonly Column[] | undefined {
  if (type.kind !== "struct") return undefined;
  const isConnection = type.fields.some(({ name }) => /^(nodes|edges|pageInfo|totalCount)$/.test(name));
  return isConnection ? undefined : type.fields;
}

/** A row of the answer with its objects spread. */
function spread(nested: readonly Column[], row: Record<string, unknown> | null, prefix = ""): Record<string, unknown> {
  const entries = nested.flatMap((column) => {
    const { name } = column;
    const value = row === null ? null : row[name];
    const fields = spreadFields(column);
    if (!fields) return [[prefix + name, value]];
    return Object.entries(spread(fields, value as Record<string, unknown> | null, `${prefix}${name}_`));
  });
  return Object.fromEntries(entries);
}

const rowsOf = (data: unknown): readonly Record<string, unknown>[] => {
  const [value] = Object.values(data as Record<string, unknown>);
  const list = (value as { readonly nodes?: unknown } | null)?.nodes ?? value;
  return (Array.isArray(list) ? list : list === null ? [] : [list]) as Record<string, unknown>[];
};

/** Names whose records the flat table has as columns. */
const flatColumns = ({ served }: Exported, query: string): readonly Column[] =>
  shownColumns(served.operations.prepareAs(TABLE.flat.whole, { query }).made.columns);

/** Deepens a flat row to what the nested table of the same rows holds: nothing is lost but which objects were null. */
function nestedRow(nested: readonly Column[], values: unknown[]): unknown[] {
  return nested.map((column) => {
    const fields = spreadFields(column);
    return fields ? orNull(nestedRow(fields, values)) : values.shift();
  });
}
const isNothing = (value: unknown): boolean => value === null || (Array.isArray(value) && value.every(isNothing));
const orNull = (values: unknown[]): unknown => (isNothing(values) ? null : values);
const emptied = (nested: readonly Column[], row: readonly unknown[]): unknown[] =>
  nested.map((column, index) => {
    const value = row[index];
    const fields = spreadFields(column);
    return fields && value !== null ? orNull(emptied(fields, value as unknown[])) : value;
  });

describe("every type and every nesting", () => {
  let database: Exported;
  beforeAll(async () => {
    const sql = await readFile(join(import.meta.dir, "../differential/every-type.sql"), "utf8");
    database = await exported("flat_every_type", sql);
  });
  afterAll(() => database.close());

  for (const depth of [2, 3]) {
    test(`selected ${depth} deep is in flat columns what it is in nested ones`, async () => {
      let spreads = 0;
      for (const { query } of wholeQueries(database.served.operations.schema, depth)) {
        let nested: readonly Column[];
        try {
          nested = database.columns(query);
        } catch {
          continue;
        }
        const rows = rowsOf(await database.served.data(query));
        const expected = rows.map((row) => spread(nested, row));
        const lines = (await database.text(query, NDJSON, "flat")).split("\n").filter((line) => line !== "");
        expect(lines.map((line) => JSON.parse(line))).toEqual(expected);

        const names = flatColumns(database, query).map(({ name }) => name);
        if (expected[0]) expect(Object.keys(expected[0])).toEqual([...names]);
        const csv = await database.text(query, CSV, "flat");
        expect(csv.slice(0, csv.indexOf("\r\n"))).toBe(names.join(","));

        const flat = await database.flat(query);
        const wanted = readApacheArrow(await database.stream(query)).rows.map((row) => emptied(nested, row));
        for (const read of [readApacheArrow(flat), readFlechette(flat)]) {
          expect(read.names).toEqual(names);
          expect(read.rows.map((row) => nestedRow(nested, [...row]))).toEqual(wanted);
        }
        if (names.length > nested.length) spreads += 1;
      }
      expect(spreads).toBeGreaterThan(1);
    });
  }
});

describe("objects that are not there, lists, and names", () => {
  const SETUP = `
    create type size as enum ('big city', 'village');
    create table country (code text primary key, name text not null, head_id int);
    create table head (id int primary key, name text not null);
    alter table country add foreign key (head_id) references head;
    insert into head values (1, 'Alain "B"');
    insert into country values ('CH', 'Switzerland', 1), ('AT', 'Austria', null);
    create table city (id int primary key, name text not null, size size, country_code text references country);
    insert into city values (1, 'Bern', 'big city', 'CH'), (2, 'Graz', 'village', 'AT'), (3, 'Atlantis', null, null);
  `;
  let database: Exported;
  beforeAll(async () => {
    database = await exported("flat_names", SETUP);
  });
  afterAll(() => database.close());

  const QUERY = `{ cities(orderBy: { id: ASC }) {
    name country { __typename name citiesConnection { totalCount } head { name } cities(limit: 1) { size } citiesAggregate { count max { name } } }
  } }`;

  test("are null where there is no object, its lists and constants too", async () => {
    const lines = (await database.text(QUERY, NDJSON, "flat")).trim().split("\n");
    expect(lines).toEqual([
      '{"name":"Bern","country___typename":"Country","country_name":"Switzerland","country_citiesConnection":{"totalCount":1},"country_head_name":"Alain \\"B\\"","country_cities":[{"size":"big_city"}],"country_citiesAggregate_count":1,"country_citiesAggregate_max_name":"Bern"}',
      '{"name":"Graz","country___typename":"Country","country_name":"Austria","country_citiesConnection":{"totalCount":1},"country_head_name":null,"country_cities":[{"size":"village"}],"country_citiesAggregate_count":1,"country_citiesAggregate_max_name":"Graz"}',
      '{"name":"Atlantis","country___typename":null,"country_name":null,"country_citiesConnection":null,"country_head_name":null,"country_cities":null,"country_citiesAggregate_count":null,"country_citiesAggregate_max_name":null}',
    ]);
    expect(readApacheArrow(await database.flat(QUERY)).rows).toEqual([
      ["Bern", "Country", "Switzerland", ["1"], 'Alain "B"', [["big_city"]], "1", "Bern"],
      ["Graz", "Country", "Austria", ["1"], null, [["village"]], "1", "Graz"],
      ["Atlantis", null, null, null, null, null, null, null],
    ]);
    expect(await database.text(QUERY, CSV, "flat")).toBe(
      [
        "name,country___typename,country_name,country_citiesConnection,country_head_name,country_cities,country_citiesAggregate_count,country_citiesAggregate_max_name",
        '"Bern",Country,"Switzerland","{""totalCount"":1}","Alain ""B""","[{""size"":""big_city""}]",1,"Bern"',
        '"Graz",Country,"Austria","{""totalCount"":1}",,"[{""size"":""village""}]",1,"Graz"',
        '"Atlantis",,,,,,,',
        "",
      ].join("\r\n"),
    );
  });

  test("a table whose one column comes out of an object has no empty lines", async () => {
    const query = "{ cities(orderBy: { id: ASC }) { country { head { name } } } }";
    expect(await database.text(query, CSV, "flat")).toBe('country_head_name\r\n"Alain ""B"""\r\n""\r\n""\r\n');
  });

  test("keys and measures of groups are columns", async () => {
    const query =
      "{ citiesGroups(groupBy: { size: true }, orderBy: [{ key: { size: ASC } }]) { key { size } count min { name } } }";
    expect(await database.text(query, CSV, "flat")).toBe(
      'key_size,count,min_name\r\nbig_city,1,"Bern"\r\nvillage,1,"Graz"\r\n,1,"Atlantis"\r\n',
    );
    expect(readApacheArrow(await database.flat(query)).rows).toEqual([
      ["big_city", "1", "Bern"],
      ["village", "1", "Graz"],
      [null, "1", "Atlantis"],
    ]);
  });

  test("two columns of one name are refused, whichever form is asked for", async () => {
    const query = "{ cities { country_name: name country { name } } }";
    for (const asked of [
      database.flat(query),
      database.text(query, CSV, "flat"),
      database.text(query, NDJSON, "flat"),
    ]) {
      const error = await asked.catch((failure: unknown) => failure as Error);
      expect(error).toMatchObject({
        errors: [{ extensions: { code: "BAD_USER_INPUT" }, message: expect.stringContaining("named country_name") }],
      });
    }
    expect(readApacheArrow(await database.stream(query)).names).toEqual(["country_name", "country"]);
  });
});
