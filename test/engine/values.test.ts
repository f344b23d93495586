import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Served, serve } from "./served.ts";

const SETUP = `
  CREATE TYPE mood AS ENUM ('happy', 'not so happy', '');
  CREATE TYPE point3 AS (x float8, y numeric, label text);
  CREATE TYPE line3 AS (a point3, b point3, tags text[]);
  CREATE DOMAIN code AS text CHECK (VALUE <> 'never');
  CREATE TYPE span AS RANGE (subtype = float8);
  CREATE DOMAIN codes AS text[];
  CREATE DOMAIN spot AS point3;
  CREATE TABLE lists (
    id int4 PRIMARY KEY, ints int4[] NOT NULL, bigs int8[], nums numeric[], floats float8[], bools bool[], texts text[], times timestamptz[],
    blobs bytea[], moods mood[], docs jsonb[], uuids uuid[], ips inet[], words codes, coded code[], points point3[], ranges int4range[]
  );
  INSERT INTO lists (id, ints) VALUES (1, '{}');
  INSERT INTO lists VALUES (2, '{1,NULL,-2147483648}', '{9223372036854775807,NULL}', '{NaN,1.10}', '{NaN,Infinity,0.1,NULL}', '{t,f,NULL}',
    ARRAY['', 'NULL', NULL, 'a"b\\c', 'd,{e}', E'\\n', '😀'], '{infinity,2024-02-29 12:00:00+00,NULL}', ARRAY['\\x00ff'::bytea, NULL], ARRAY['not so happy', '', NULL]::mood[],
    ARRAY['{"a": 1}', 'null', NULL]::jsonb[], '{00000000-0000-0000-0000-000000000000}', '{10.0.0.1,10.0.0.0/8}', '{a,NULL}', '{b,NULL}',
    ARRAY[ROW(1, 'NaN', 'p')::point3, NULL, ROW(NULL, NULL, NULL)::point3], ARRAY[int4range(1, 3), NULL, 'empty'::int4range]);
  INSERT INTO lists (id, ints, texts, nums, points) VALUES (3, '{{1,2},{3,NULL}}', '[0:1]={x,y}', '{{{1.0}}}', '[5:6][0:0]={{"(1,2,a)"},{NULL}}');

  CREATE TABLE shapes (id int4 PRIMARY KEY, line line3, place spot, width span, days datemultirange, xml xml, bits bit(4), money money, "where" point, search tsvector, char_one "char", oid oid, version pg_lsn, ip_range inet NOT NULL);
  INSERT INTO shapes VALUES
    (1, ROW(ROW('Infinity', 1e20, E'q"\\\\\\n'), NULL, '{t,NULL}'), ROW(1, 2.50, ''), '[-Infinity,NaN)', '{[2024-01-01,2024-02-01),[2025-01-01,)}', '<a b="c">&amp;</a>', B'1010', '12.5', '(1,2)', 'fat & rat', 'x', 42, '16/B374D848', '::1'),
    (2, ROW(NULL, NULL, NULL), NULL, 'empty', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '10.0.0.0/8');

  CREATE TABLE facts (id int4 PRIMARY KEY, body jsonb, raw json);
  INSERT INTO facts VALUES (1, 'null', 'null'), (2, NULL, NULL), (3, '12345678901234567890.10', ' {"b":1,"a":[1.0,2e5],"b":null} '), (4, '{"deep": {"list": [1, "two", null, 2.50]}}', '"\\u0000"');

  CREATE TABLE tv_pick (id int4 PRIMARY KEY, data jsonb NOT NULL);
  INSERT INTO tv_pick VALUES (1, '{"mixed": ["a", 1, null, "null", {"b": [2.50, null]}, true]}'), (2, '{"mixed": null}'), (3, '{"mixed": []}');

  CREATE TABLE measured (id int4 PRIMARY KEY, f float8, n numeric, i int4, s int2, b int8, d interval, t text, m mood, at timestamptz, u uuid, ok bool);
  INSERT INTO measured VALUES
    (1, 1.5, 'NaN', 2147483647, 32767, 9223372036854775807, 'P1D', 'b', 'happy', '2024-03-31 00:30:00+00', '00000000-0000-0000-0000-000000000001', true),
    (2, 'Infinity', 1.10, 2147483647, 32767, 9223372036854775807, 'PT-1H', 'a', '', '2024-03-31 23:59:59.999999+00', '00000000-0000-0000-0000-000000000001', false),
    (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '-infinity', NULL, NULL);
`;

let api: Served;
let names: Readonly<Record<string, string>>;
beforeAll(async () => {
  api = await serve("values", SETUP);
  names = Object.fromEntries(
    api.model.queries.flatMap((query) => {
      const source = api.model.objects.find(({ name }) => name === query.type)?.source;
      return query.kind === "list" && source?.kind === "columns" ? [[source.relation.name, query.name]] : [];
    }),
  );
});
afterAll(() => api.close());

/** The rows of a table, as text where digits and white space count. */
const body = async (table: string, selection: string, args = ""): Promise<string> => {
  const { text, errors } = await api.answer(`{ rows: ${names[table]}${args} { ${selection} } }`);
  expect(errors).toEqual([]);
  return text.slice('{"data":{"rows":'.length, -2);
};
const ids = async (table: string, where: string): Promise<readonly number[]> =>
  (JSON.parse(await body(table, "id", `(where: ${where})`)) as { id: number }[]).map(({ id }) => id);

describe("arrays are lists whose elements may be null, each by the rule of its type", () => {
  test("empty, null, and with every kind of element", async () => {
    const selection =
      "ints bigs nums floats bools texts times blobs moods docs uuids ips words points { x y label } ranges { lower upper isEmpty }";
    expect(await body("lists", selection, "(where: { id: { lte: 2 } })")).toBe(
      '[{"ints":[],"bigs":null,"nums":null,"floats":null,"bools":null,"texts":null,"times":null,"blobs":null,"moods":null,"docs":null,"uuids":null,"ips":null,"words":null,"points":null,"ranges":null},' +
        '{"ints":[1,null,-2147483648],"bigs":["9223372036854775807",null],"nums":["NaN","1.10"],"floats":[null,null,0.1,null],"bools":[true,false,null],' +
        '"texts":["","NULL",null,"a\\"b\\\\c","d,{e}","\\n","😀"],"times":["infinity","2024-02-29T12:00:00+00:00",null],"blobs":["AP8=",null],"moods":["not_so_happy","EMPTY",null],' +
        '"docs":[{"a": 1},null,null],"uuids":["00000000-0000-0000-0000-000000000000"],"ips":["10.0.0.1","10.0.0.0/8"],"words":["a",null],' +
        '"points":[{"x":1,"y":"NaN","label":"p"},null,{"x":null,"y":null,"label":null}],"ranges":[{"lower":1,"upper":3,"isEmpty":false},null,{"lower":null,"upper":null,"isEmpty":true}]}]',
    );
  });

  test("of several dimensions are one list, in the order of storage, whatever their lower bound", async () => {
    expect(await body("lists", "ints texts nums points { x label }", "(where: { id: { eq: 3 } })")).toBe(
      '[{"ints":[1,2,3,null],"texts":["x","y"],"nums":["1.0"],"points":[{"x":1,"label":"a"},null]}]',
    );
  });

  test("are filtered by their elements and their length", async () => {
    expect(await ids("lists", '{ texts: { contains: ["a\\"b\\\\c", "d,{e}", "NULL", ""] } }')).toEqual([2]);
    expect(await ids("lists", "{ ints: { contains: [] } }")).toEqual([1, 2, 3]);
    expect(await ids("lists", "{ ints: { containedBy: [1, 2, 3] } }")).toEqual([1]);
    expect(await ids("lists", "{ ints: { overlaps: [3, 99] } }")).toEqual([3]);
    expect(await ids("lists", "{ ints: { length: { gte: 4 } } }")).toEqual([3]);
    expect(await ids("lists", "{ ints: { length: { in: [0, 3] } } }")).toEqual([1, 2]);
    expect(await ids("lists", "{ bigs: { length: { isNull: true } } }")).toEqual([1, 3]);
    expect(await ids("lists", "{ moods: { overlaps: [EMPTY] } }")).toEqual([2]);
    expect(await ids("lists", '{ nums: { contains: ["1.1", "NaN"] } }')).toEqual([2]);
    expect(await ids("lists", '{ times: { contains: ["infinity"] } }')).toEqual([2]);
    expect(await ids("lists", '{ blobs: { contains: ["AP8="] } }')).toEqual([2]);
    expect(await ids("lists", '{ words: { contains: ["a"] } }')).toEqual([2]);
    expect(await ids("lists", '{ coded: { contains: ["b"] } }')).toEqual([2]);
    expect(await ids("lists", '{ coded: { overlaps: ["never", "b"], length: { eq: 2 } } }')).toEqual([2]);
    expect(await ids("lists", "{ bools: { contains: [false] } }")).toEqual([2]);
    expect(await ids("lists", "{ docs: { contains: [{ a: 1 }] } }")).toEqual([2]);
    expect(
      await ids(
        "lists",
        '{ uuids: { contains: ["00000000-0000-0000-0000-000000000000"] }, ips: { contains: ["10.0.0.0/8"] } }',
      ),
    ).toEqual([2]);
    expect(await api.code(`{ ${names["lists"]}(where: { points: { isNull: false } }) { id } }`)).toBe(
      "VALIDATION_ERROR",
    );
  });
});

describe("values inside of values", () => {
  test("composites in composites, over domains, and ranges of a type of one's own", async () => {
    const selection =
      "line { a { x y label } b { x } tags } place { x y label } width { lower upper lowerInclusive upperInclusive isEmpty }";
    expect(JSON.parse(await body("shapes", selection))).toEqual([
      {
        line: { a: { x: null, y: "100000000000000000000", label: 'q"\\\n' }, b: null, tags: ["t", null] },
        place: { x: 1, y: "2.50", label: "" },
        width: { lower: null, upper: null, lowerInclusive: true, upperInclusive: false, isEmpty: false },
      },
      {
        line: { a: null, b: null, tags: null },
        place: null,
        width: { lower: null, upper: null, lowerInclusive: false, upperInclusive: false, isEmpty: true },
      },
    ]);
  });

  test("a list in a document whose items are of several kinds, text among them", async () => {
    const { text } = await api.answer(
      '{ all: picks { mixed } found: picks(where: { mixed: { contains: ["a"] } }) { id } }',
    );
    expect(text).toBe(
      '{"data":{"all":[{"mixed":["a",1,null,"null",{"b": [2.50, null]},true]},{"mixed":null},{"mixed":[]}],"found":[{"id":1}]}}',
    );
  });

  test("a type without a rule is text, and is filtered by null only", async () => {
    expect(JSON.parse(await body("shapes", "days xml bits money where search charOne oid version ipRange"))).toEqual([
      {
        days: "{[2024-01-01,2024-02-01),[2025-01-01,)}",
        xml: '<a b="c">&amp;</a>',
        bits: "1010",
        money: expect.stringContaining("12.50"),
        where: "(1,2)",
        search: "'&' 'fat' 'rat'",
        charOne: "x",
        oid: "42",
        version: "16/B374D848",
        ipRange: "::1",
      },
      {
        days: null,
        xml: null,
        bits: null,
        money: null,
        where: null,
        search: null,
        charOne: null,
        oid: null,
        version: null,
        ipRange: "10.0.0.0/8",
      },
    ]);
    expect(await ids("shapes", "{ xml: { isNull: true } }")).toEqual([2]);
    expect(await api.code(`{ ${names["shapes"]}(where: { xml: { eq: "x" } }) { id } }`)).toBe("VALIDATION_ERROR");
    expect(await api.code(`{ ${names["shapes"]}(orderBy: { xml: ASC }) { id } }`)).toBe("VALIDATION_ERROR");
  });
});

describe("JSON", () => {
  test("is answered as PostgreSQL keeps it: jsonb in its own form, json as it was written", async () => {
    expect(await body("facts", "body raw")).toBe(
      '[{"body":null,"raw":null},{"body":null,"raw":null},{"body":12345678901234567890.10,"raw": {"b":1,"a":[1.0,2e5],"b":null} },{"body":{"deep": {"list": [1, "two", null, 2.50]}},"raw":"\\u0000"}]',
    );
  });

  test("null inside of JSON is a value: it is no SQL null", async () => {
    expect(await ids("facts", "{ body: { isNull: true } }")).toEqual([2]);
    expect(await ids("facts", "{ body: { isNull: false } }")).toEqual([1, 3, 4]);
    expect(await ids("facts", "{ raw: { isNull: true } }")).toEqual([2]);
  });

  test("is compared by value, with every digit of a literal", async () => {
    expect(await ids("facts", "{ body: { eq: 12345678901234567890.1 } }")).toEqual([3]);
    expect(await ids("facts", "{ body: { eq: 12345678901234567890.2 } }")).toEqual([]);
    expect(await ids("facts", '{ body: { contains: { deep: { list: ["two", 2.5] } } } }')).toEqual([4]);
    expect(await ids("facts", '{ body: { pathExists: "$.deep.list[*] ? (@ == null)" } }')).toEqual([4]);
    expect(
      await ids("facts", '{ body: { containedBy: { deep: { list: [1, "two", null, 2.5, 3] }, more: 1 } } }'),
    ).toEqual([4]);
    expect(await api.code(`{ ${names["facts"]}(where: { body: { pathMatches: "$[" } }) { id } }`)).toBe(
      "BAD_USER_INPUT",
    );
  });

  test("given as a variable may be anything, nested and with any key", async () => {
    const query = `query ($v: JSON!) { rows: ${names["facts"]}(where: { body: { contains: $v } }) { id } }`;
    expect(await api.data(query, { v: { deep: { list: [null] } } })).toEqual({ rows: [{ id: 4 }] });
    expect(await api.data(query, { v: { "'; --": '"\\' } })).toEqual({ rows: [] });
  });
});

describe("measures", () => {
  const measure = async (selection: string, args = ""): Promise<unknown> =>
    ((await api.data(`{ m: ${names["measured"]}Aggregate${args} { ${selection} } }`)) as { m: unknown }).m;

  test("do not overflow, and show NaN and infinities by the rule of their type", async () => {
    expect(await measure("sum { f n i s b d } avg { f n i s b d }", "(where: { id: { lte: 2 } })")).toEqual({
      sum: { f: null, n: "NaN", i: "4294967294", s: "65534", b: "18446744073709551614", d: "P1DT-1H" },
      avg: {
        f: null,
        n: "NaN",
        i: "2147483647.00000000",
        s: "32767.000000000000",
        b: "9223372036854775807",
        d: "PT11H30M",
      },
    });
  });

  test("leave nulls out, and are null over nothing", async () => {
    expect(await measure("count countDistinct { i t u ok m } min { t m at n } max { t m at n }")).toEqual({
      count: 3,
      countDistinct: { i: 1, t: 2, u: 1, ok: 2, m: 2 },
      min: { t: "a", m: "happy", at: "-infinity", n: "1.10" },
      max: { t: "b", m: "EMPTY", at: "2024-03-31T23:59:59.999999+00:00", n: "NaN" },
    });
    expect(
      await measure("count countDistinct { i } sum { i } avg { n } min { m } max { at }", "(where: { id: { eq: 0 } })"),
    ).toEqual({
      count: 0,
      countDistinct: { i: 0 },
      sum: { i: null },
      avg: { n: null },
      min: { m: null },
      max: { at: null },
    });
  });

  test("time buckets begin in UTC, and infinite times are buckets of their own", async () => {
    const groups = async (bucket: string): Promise<unknown> =>
      (await api.data(`{ g: ${names["measured"]}Groups(groupBy: { at: ${bucket} }) { key { at } count } }`)) as unknown;
    expect(await groups("DAY")).toEqual({
      g: [
        { key: { at: "-infinity" }, count: 1 },
        { key: { at: "2024-03-31T00:00:00+00:00" }, count: 2 },
      ],
    });
    expect(await groups("WEEK")).toEqual({
      g: [
        { key: { at: "-infinity" }, count: 1 },
        { key: { at: "2024-03-25T00:00:00+00:00" }, count: 2 },
      ],
    });
    expect(await groups("EXACT")).toMatchObject({ g: [{ count: 1 }, { count: 1 }, { count: 1 }] });
  });

  test("having compares measures, also with null", async () => {
    const groups = async (having: string): Promise<unknown> =>
      (
        (await api.data(
          `{ g: ${names["measured"]}Groups(groupBy: { ok: true }, having: ${having}) { key { ok } } }`,
        )) as { g: { key: { ok: unknown } }[] }
      ).g.map(({ key }) => key.ok);
    expect(await groups("{ count: { eq: 1 } }")).toEqual([false, true, null]);
    expect(await groups('{ sum: { b: { gte: "9223372036854775807" } } }')).toEqual([false, true]);
    expect(await groups("{ max: { t: { isNull: true } } }")).toEqual([null]);
    expect(await groups('{ or: [{ min: { t: { eq: "a" } } }, { countDistinct: { u: { eq: 0 } } }] }')).toEqual([
      false,
      null,
    ]);
    expect(await groups('{ not: { max: { t: { eq: "a" } } } }')).toEqual([true]);
    expect(await groups("{ max: { m: { eq: EMPTY } } }")).toEqual([false]);
  });
});
