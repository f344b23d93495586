import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { extendGallery, GALLERY_SQL } from "./gallery.ts";
import { type Served, serve } from "./served.ts";

const MORE = `
  CREATE FUNCTION fn_all_types(i smallint, b bigint DEFAULT 1, n numeric DEFAULT 1.50, t text DEFAULT 'd', d timestamptz DEFAULT '2024-01-01 00:00:00+00', j jsonb DEFAULT '{"k": 1}', k technique DEFAULT 'oil', l int[] DEFAULT '{1,2}', y bytea DEFAULT '\\x00')
  RETURNS text IMMUTABLE LANGUAGE sql AS $$ SELECT concat_ws('|', i, b, n, t, d AT TIME ZONE 'UTC', j, k, l, y) $$;
  CREATE FUNCTION fn_nan() RETURNS float8 IMMUTABLE LANGUAGE sql AS $$ SELECT 'NaN'::float8 $$;
  CREATE FUNCTION fn_big() RETURNS bigint IMMUTABLE LANGUAGE sql AS $$ SELECT 9007199254740993 $$;
  CREATE FUNCTION fn_techniques() RETURNS technique[] IMMUTABLE LANGUAGE sql AS $$ SELECT enum_range(NULL::technique) $$;
  CREATE FUNCTION fn_document() RETURNS jsonb IMMUTABLE LANGUAGE sql AS $$ SELECT '{"a": [1, null]}'::jsonb $$;
  CREATE FUNCTION fn_fails(divisor integer) RETURNS integer IMMUTABLE LANGUAGE sql AS $$ SELECT 1 / divisor $$;
  CREATE FUNCTION fn_writes(title text) RETURNS integer STABLE LANGUAGE plpgsql AS $$ BEGIN DELETE FROM hanging; RETURN 1; END $$;
  CREATE FUNCTION fn_strict(a integer, b integer DEFAULT NULL) RETURNS integer STRICT IMMUTABLE LANGUAGE sql AS $$ SELECT a + b $$;
  CREATE FUNCTION artist_full_name(artist) RETURNS text STABLE LANGUAGE sql AS $$ SELECT $1.name || ' the ' || coalesce($1.movement, 'unknown') $$;
  CREATE FUNCTION fn_apprentices(artist_id integer) RETURNS SETOF artist STABLE LANGUAGE sql AS $$ SELECT * FROM artist WHERE mentor_id = $1 $$;
  CREATE FUNCTION fn_limited("limit" integer) RETURNS SETOF artist STABLE LANGUAGE sql AS $$ SELECT * FROM artist ORDER BY artist_id LIMIT $1 $$;
`;

let api: Served;
beforeAll(async () => {
  api = await serve("functions", GALLERY_SQL + MORE, { extend: extendGallery });
});
afterAll(() => api.close());

describe("functions that give a value", () => {
  test("take arguments of every scalar, by name, with defaults for what is left out", async () => {
    expect(await api.data("{ allTypes(i: 1) }")).toEqual({
      allTypes: '1|1|1.50|d|2024-01-01 00:00:00|{"k": 1}|oil|{1,2}|\\x00',
    });
    const query = `query ($i: Int!, $b: BigInt, $n: Decimal, $t: String, $d: DateTime, $j: JSON, $k: Technique, $l: [Int], $y: Bytes) {
      allTypes(i: $i, b: $b, n: $n, t: $t, d: $d, j: $j, k: $k, l: $l, y: $y)
    }`;
    const variables = {
      i: 2,
      b: "9223372036854775807",
      n: "0.10",
      t: "it's",
      d: "2024-06-01T12:00:00+02:00",
      j: { a: "'" },
      k: "_3d_print",
      l: [3, null],
      y: "AP8=",
    };
    expect(await api.data(query, variables)).toEqual({
      allTypes: '2|9223372036854775807|0.10|it\'s|2024-06-01 10:00:00|{"a": "\'"}|3d print|{3,NULL}|\\x00ff',
    });
    expect(await api.data(query, { i: 3, t: null })).toEqual({
      allTypes: '3|1|1.50|2024-01-01 00:00:00|{"k": 1}|oil|{1,2}|\\x00',
    });
  });

  test("are answered by the rule of their type", async () => {
    expect((await api.answer("{ nan big techniques document }")).text).toBe(
      '{"data":{"nan":null,"big":"9007199254740993","techniques":["oil","water_colour","_3d_print","true_","EMPTY"],"document":{"a": [1, null]}}}',
    );
  });

  test("that are strict are null where an argument is null", async () => {
    expect(await api.data("{ strict(a: 1) two: strict(a: 1, b: 2) null: strict(a: 1, b: null) }")).toEqual({
      strict: null,
      two: 3,
      null: null,
    });
  });

  test("that fail or write are an error without SQL in it", async () => {
    const failing = await api.answer("{ fails(divisor: 0) }");
    expect(failing.errors[0]?.message).not.toContain("SELECT");
    expect(failing.status).toBeGreaterThanOrEqual(400);
    const writing = await api.answer('{ writes(title: "x") }');
    expect(writing.status).toBe(500);
    expect(await api.data("{ hangingsAggregate { count } }")).toEqual({ hangingsAggregate: { count: 4 } });
  });

  test("leave out only the last of unnamed arguments", async () => {
    expect(await api.data("{ sum3(arg1: 1, arg2: 2, arg3: 3) b: sum3(arg1: 1, arg2: 2) c: sum3(arg1: 1) }")).toEqual({
      sum3: 6,
      b: 103,
      c: 111,
    });
    expect(await api.code("{ sum3(arg1: 1, arg3: 3) }")).toBe("BAD_USER_INPUT");
    expect(await api.code("query ($two: Int) { sum3(arg1: 1, arg2: $two, arg3: 3) }")).toBe("BAD_USER_INPUT");
    expect(await api.code("{ sum3(arg2: 1) }")).toBe("VALIDATION_ERROR");
  });
});

describe("functions that give rows", () => {
  test("are lists with relations, filters, orders and pages", async () => {
    expect(
      await api.data(
        '{ apprentices(artistId: 1, where: { works: { some: { tags: { contains: ["blue"] } } } }) { name works { title } fullName } }',
      ),
    ).toEqual({
      apprentices: [{ name: "Chloé", works: [{ title: "Études" }], fullName: "Chloé the unknown" }],
    });
    expect(
      await api.data(
        "{ apprentices(artistId: 1, orderBy: [{ name: DESC }], limit: 1, offset: 1) { name nodeId mentor { name } } }",
      ),
    ).toEqual({
      apprentices: [{ name: "Boris", nodeId: btoa('["Artist","2"]').replaceAll("=", ""), mentor: { name: "Ada" } }],
    });
  });

  test("have their argument renamed where a list has one of the same name", async () => {
    expect(await api.data("{ limited(limit2: 3, limit: 2) { name } }")).toEqual({
      limited: [{ name: "Ada" }, { name: "Boris" }],
    });
  });

  test("of which there is none are null, and a table of their own has its own object", async () => {
    expect(
      await api.data(
        '{ a: workTitled(title: "No such") { price tags } b: workTitled(title: "Études") { code label artist { name } } priceBands { works band } }',
      ),
    ).toEqual({
      a: null,
      b: { code: "BB-2", label: "BB-2: Études", artist: { name: "Chloé" } },
      priceBands: [
        { works: "1", band: "-100" },
        { works: "2", band: "100" },
        { works: "1", band: "99999900" },
      ],
    });
  });
});

describe("computed fields", () => {
  test("are read like columns wherever the row is shown", async () => {
    expect(
      await api.data(
        '{ artists(limit: 1) { fullName works(limit: 1) { label priceWithTax } } worksConnection(last: 1) { nodes { label } } room(roomId: 2) { works { label } } node(id: "WyJXb3JrIiwiMSJd") { ... on Work { label } } }',
      ),
    ).toEqual({
      artists: [{ fullName: "Ada the early", works: [{ label: "AA-1: Bridge", priceWithTax: "119.12" }] }],
      worksConnection: { nodes: [{ label: "CC-2: Bridge" }] },
      room: { works: [{ label: "AA-1: Bridge" }, { label: "BB-2: Études" }] },
      node: { label: "AA-1: Bridge" },
    });
  });

  test("are filtered, ordered, paged, measured and grouped by", async () => {
    expect(
      await api.data(
        '{ works(where: { label: { startsWith: "BB" }, priceWithTax: { lt: 0 } }, orderBy: [{ label: DESC }]) { code } }',
      ),
    ).toEqual({ works: [{ code: "BB-2" }] });
    expect(await api.data("{ worksAggregate { max { label priceWithTax } sum { priceWithTax } } }")).toEqual({
      worksAggregate: {
        max: { label: "CC-2: Bridge", priceWithTax: "118999999.99" },
        sum: { priceWithTax: "119000232.28" },
      },
    });
    expect(
      await api.data(
        "{ worksGroups(groupBy: { priceWithTax: true }, having: { count: { gt: 1 } }) { key { priceWithTax } count } }",
      ),
    ).toEqual({
      worksGroups: [
        { key: { priceWithTax: "119.12" }, count: 2 },
        { key: { priceWithTax: null }, count: 2 },
      ],
    });
    const first = (await api.data(
      "{ worksConnection(first: 2, orderBy: [{ priceWithTax: DESC_NULLS_FIRST }, { label: ASC }]) { nodes { code } pageInfo { endCursor } } }",
    )) as {
      worksConnection: { nodes: { code: string }[]; pageInfo: { endCursor: string } };
    };
    expect(first.worksConnection.nodes).toEqual([{ code: "AA-2" }, { code: "CC-2" }]);
    const next = await api.data(
      "query ($c: String) { worksConnection(first: 2, after: $c, orderBy: [{ priceWithTax: DESC_NULLS_FIRST }, { label: ASC }]) { nodes { code } } }",
      { c: first.worksConnection.pageInfo.endCursor },
    );
    expect(next).toEqual({ worksConnection: { nodes: [{ code: "CC-1" }, { code: "AA-1" }] } });
  });
});

describe("documents", () => {
  test("show objects and lists inside of them, and columns beside them", async () => {
    expect(
      await api.data(
        '{ artistCards(where: { name: { like: "%o%" } }) { name movement lived { from } works { title price tags } } }',
      ),
    ).toEqual({
      artistCards: [
        {
          name: "Boris",
          movement: "late",
          lived: { from: null },
          works: [{ title: "100% Sure_thing\\", price: expect.anything(), tags: ["red", null] }],
        },
        {
          name: "Chloé",
          movement: null,
          lived: { from: "1900-01-01" },
          works: [{ title: "Études", price: expect.anything(), tags: ["blue"] }],
        },
      ],
    });
  });

  test("without a key have no cursors and no node id", () => {
    const object = api.operations.schema.getType("ArtistCard");
    expect(object?.toString()).toBe("ArtistCard");
    expect(api.operations.schema.getQueryType()?.getFields()["artistCardsConnection"]).toBeUndefined();
  });
});
