/** What an export does when a value or the database does not fit: it fails, and no table that was cut off looks whole. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { END_OF_STREAM } from "../../src/core/columnar/message.ts";
import { FraiseqlError } from "../../src/core/errors.ts";
import { readApacheArrow } from "../core/columnar/read-apache-arrow.ts";
import { runSql } from "../support/postgres.ts";
import { type Exported, exported } from "./exported.ts";

let database: Exported;

type Sent = { readonly code: string; readonly message: string; readonly rows: number; readonly hasMarker: boolean };

/** Reads to the failure that has to come. */
async function failure(query: string): Promise<Sent> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of await database.chunks(query)) chunks.push(chunk.slice());
  } catch (error) {
    if (!(error instanceof FraiseqlError)) throw error;
    const sent = Buffer.concat(chunks);
    const rows = sent.length === 0 ? 0 : readApacheArrow(sent).rows.length;
    const hasMarker = sent.length > 0 && Buffer.compare(sent.subarray(-8), END_OF_STREAM) === 0;
    return { code: error.code, message: error.message, rows, hasMarker };
  }
  throw new Error("the export came to its end");
}

const SETUP = `
  create type mood as enum ('sad', 'ok');
  create table readings (id int4 primary key, price numeric(6, 2), free numeric, at timestamptz, clock time, span interval, mood mood, parts int4[] not null);
  insert into readings select i, 1.5, i, '2024-01-01+00', '12:00', '1 day', 'ok', '{1}' from generate_series(1, 3000) i;
`;
const QUERY = "{ readings(orderBy: { id: ASC }) { id price at clock span mood parts } }";

describe("a value without a form in its column ends the stream", () => {
  beforeAll(async () => {
    database = await exported("arrow_failures", SETUP);
  });
  afterAll(() => database.close());

  for (const [column, value] of [
    ["price", "NaN"],
    ["at", "294247-01-10 04:00:54.775807+00"],
    ["at", "294276-12-31 23:59:59.999999+00"],
    ["clock", "24:00:00"],
    ["span", "infinity"],
    ["span", "-infinity"],
    ["span", "2600000 hours"],
  ] as const) {
    test(`${column} ${value}`, async () => {
      const { url } = database.served;
      await runSql(url, `update readings set ${column} = '${value}' where id = 2999`);
      const { code, message, ...sent } = await failure(QUERY);
      await runSql(url, `update readings set ${column} = null where id = 2999`);
      expect(code).toBe("VALUE_NOT_REPRESENTABLE");
      expect(message).toStartWith(`Reading.${column} holds`);
      expect(sent).toEqual({ rows: 1_024, hasMarker: false });
    });
  }

  test("what broke off leaves nothing in the next table of the same operation, and two at the same time do not mix", async () => {
    const { url } = database.served;
    const whole = await database.stream(QUERY);
    expect(readApacheArrow(whole).rows).toHaveLength(3_000);
    await runSql(url, "update readings set clock = '24:00:00' where id = 100");
    expect(await failure(QUERY)).toMatchObject({ code: "VALUE_NOT_REPRESENTABLE", rows: 0 });
    await runSql(url, "update readings set clock = '12:00' where id = 100");
    const after = await Promise.all([database.stream(QUERY), database.stream(QUERY), database.stream(QUERY)]);
    for (const each of after) expect(each).toEqual(whole);
  });
});

describe("a column of text, and a statement that fails", () => {
  afterEach(() => database.close());

  test("numbers without a declared precision keep NaN and the infinities as text", async () => {
    database = await exported(
      "arrow_text",
      `${SETUP} update readings set free = (array['NaN', 'Infinity', '-Infinity'])[id]::numeric where id < 4`,
    );
    const stream = await database.stream("{ readings(limit: 4, orderBy: { id: ASC }) { free } }");
    expect(readApacheArrow(stream).rows).toEqual([["NaN"], ["Infinity"], ["-Infinity"], ["4"]]);
  });

  test("a statement that fails in the middle leaves a stream without its end marker", async () => {
    database = await exported(
      "arrow_middle",
      `${SETUP} create view halves as select id, 1 / (2999 - id) as half from readings`,
    );
    expect(await failure("{ halves { id half } }")).toMatchObject({
      code: "DATABASE_ERROR",
      rows: 1_024,
      hasMarker: false,
    });
  });

  test("a statement that fails at its first row is an error before the first byte", async () => {
    database = await exported(
      "arrow_first",
      `${SETUP} create view halves as select id, 1 / (id - 1) as half from readings`,
    );
    expect(await failure("{ halves { id half } }")).toMatchObject({ code: "DATABASE_ERROR", rows: 0 });
    await expect(database.chunks("{ halves { id half } }")).rejects.toThrow(FraiseqlError);
  });
});

describe("a database that has changed since the schema was compiled", () => {
  afterEach(() => database.close());

  for (const [what, change] of [
    ["a new label", "alter type mood add value 'new'; commit; update readings set mood = 'new' where id = 2999"],
    ["another integer", "alter table readings alter id type int8"],
    [
      "more digits",
      "alter table readings alter price type numeric(9, 4); update readings set price = 1.2345 where id = 2999",
    ],
    ["a date instead of a time", "alter table readings alter at type date"],
  ] as const) {
    test(`${what} is refused, not misread`, async () => {
      database = await exported("arrow_changed", SETUP);
      await runSql(database.served.url, change);
      expect(await failure(QUERY)).toMatchObject({ code: "ARTIFACT_MISMATCH", hasMarker: false });
    });
  }
});
