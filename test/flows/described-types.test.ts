/** Types are held against what the server says of its result before anything is sent, inside of records too. */
import { afterEach, expect, test } from "bun:test";
import { readApacheArrow } from "../core/columnar/read-apache-arrow.ts";
import { runSql } from "../support/postgres.ts";
import { type Exported, exported } from "./exported.ts";

const SETUP = `
  create domain small as int4 check (value < 100);
  create domain smalls as int4[];
  create domain grade as numeric(4, 1);
  create table station (id int4 primary key, height float4 not null, level small, levels small[], all_levels smalls, grade grade);
  insert into station values (1, 1.5, 7, '{1,2,NULL}', '{3}', 2.5), (2, 2.5, 7, '{}', null, null);
  create table reading (
    id int4 primary key, station_id int4 not null references station, at timestamptz, amount int4, parts int4[], name text
  );
  insert into reading values (1, 1, '2024-01-01+00', 5, '{1,2}', 'one'), (2, 2, null, null, null, null);
`;
const QUERY = "{ readings { id at amount parts name station { height } } }";

let database: Exported;
afterEach(() => database.close());

/** The width of each is that of the type before: rows alone would not tell. */
for (const [what, change, field] of [
  ["an integer that became a float", "reading alter amount type float4", "Reading.amount"],
  ["a time that became a number", "reading alter at type int8 using 0", "Reading.at"],
  ["elements that became floats", "reading alter parts type float4[] using null", "Reading.parts"],
  ["a text that became bytes", "reading alter name type bytea using null", "Reading.name"],
  ["a float inside of a record that became an integer", "station alter height type int4", "Station.height"],
] as const) {
  test(`${what} is refused before the first byte`, async () => {
    database = await exported("described_types", SETUP);
    await runSql(database.served.url, `alter table ${change}`);
    const refused = await database.chunks(QUERY).catch((error: unknown) => error);
    expect(refused).toMatchObject({
      code: "ARTIFACT_MISMATCH",
      message: expect.stringContaining(`${field} comes as another type than the schema says`),
    });
    // The connection is given back, and what was not changed is read.
    expect(readApacheArrow(await database.stream("{ readings(limit: 1) { id } }")).rows).toEqual([["1"]]);
  });
}

test("domains, their arrays and domains of arrays are what they are made of, in rows, records and groups", async () => {
  database = await exported("described_types", SETUP);
  const whole = "id level levels allLevels grade";
  const rows = [
    ["1", "7", ["1", "2", null], ["3"], "25"],
    ["2", "7", [], null, null],
  ];
  const top = await database.stream(`{ stations(orderBy: { id: ASC }) { ${whole} } }`);
  expect(readApacheArrow(top).rows).toEqual(rows);
  const nested = await database.stream(`{ readings(orderBy: { id: ASC }) { station { ${whole} } } }`);
  expect(readApacheArrow(nested).rows).toEqual(rows.map((row) => [row]));
  const groups = await database.stream(
    "{ stationsGroups(groupBy: { level: true }) { key { level } count max { level } } }",
  );
  expect(readApacheArrow(groups).rows).toEqual([[["7"], "2", ["7"]]]);
});
