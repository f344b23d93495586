import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { extendGallery, GALLERY_SQL } from "./gallery.ts";
import { type Served, serve } from "./served.ts";

let api: Served;
beforeAll(async () => {
  api = await serve("language", GALLERY_SQL, { extend: extendGallery });
});
afterAll(() => api.close());

describe("response keys", () => {
  test("stand in the order of the document, fields of fragments where they are first met", async () => {
    const { text } = await api.answer(
      "{ z: work(workId: 1) { title ...F code } __typename a: work(workId: 1) { ... on Node { nodeId } title } } fragment F on Work { workId title label: code }",
    );
    expect(text).toBe(
      '{"data":{"z":{"title":"Bridge","workId":1,"label":"AA-1","code":"AA-1"},"__typename":"Query","a":{"nodeId":"WyJXb3JrIiwiMSJd","title":"Bridge"}}}',
    );
  });

  test("may be any name, also those that mean something in SQL", async () => {
    expect(await api.data("{ select: work(workId: 1) { __x: title _: code from: label t1: workId } }")).toEqual({
      select: { __x: "Bridge", _: "AA-1", from: "AA-1: Bridge", t1: 1 },
    });
  });

  test("merge selections of the same field at every depth", async () => {
    const query = `{
      work(workId: 1) { artist { name } ...A ... on Work { artist { mentor { artistId } } rooms(limit: 1) { name } } }
      work(workId: 1) { artist { born } }
    }
    fragment A on Work { artist { mentor { name } artistId } rooms(limit: 1) { roomId } }`;
    expect(await api.data(query)).toEqual({
      work: {
        artist: { name: "Ada", mentor: null, artistId: 1, born: "1815-12-10" },
        rooms: [{ roomId: 1, name: "East" }],
      },
    });
  });

  test("of one field under two aliases keep their arguments apart", async () => {
    expect(
      await api.data(
        "{ artist(artistId: 1) { cheap: works(limit: 1) { code } dear: works(where: { price: { gt: 1 } }) { code } n: worksAggregate(where: { price: { isNull: true } }) { count } } }",
      ),
    ).toEqual({
      artist: { cheap: [{ code: "AA-1" }], dear: [{ code: "AA-1" }], n: { count: 1 } },
    });
  });
});

describe("@skip and @include", () => {
  const query = `query ($skip: Boolean!, $include: Boolean!) {
    work(workId: 1) @skip(if: $skip) { code title @include(if: $include) ...F @include(if: $include) ... @skip(if: $skip) { workId } }
    room(roomId: 1) @include(if: $include) @skip(if: $skip) { name }
  }
  fragment F on Work { technique }`;
  test.each([
    [false, true, { work: { code: "AA-1", title: "Bridge", technique: "oil", workId: 1 }, room: { name: "East" } }],
    [false, false, { work: { code: "AA-1", workId: 1 } }],
    [true, true, {}],
    [true, false, {}],
  ])("skip %p, include %p", async (skip, include, expected) => {
    expect(await api.data(query, { skip, include })).toEqual(expected);
  });

  test("take literals and defaults", async () => {
    expect(
      await api.data(
        "query ($d: Boolean = false) { work(workId: 1) { code title @include(if: $d) price @skip(if: true) technique @include(if: true) } }",
      ),
    ).toEqual({ work: { code: "AA-1", technique: "oil" } });
  });

  test("on every selection of an object leave it empty", async () => {
    const { text } = await api.answer(
      "{ work(workId: 1) { artist { name @skip(if: true) } rooms { name @skip(if: true) } } works(limit: 1) { code @skip(if: true) } }",
    );
    expect(text).toBe('{"data":{"work":{"artist":{},"rooms":[{},{}]},"works":[{}]}}');
  });
});

describe("__typename", () => {
  test("is answered wherever there is an object", async () => {
    const query = `{
      __typename
      worksConnection(first: 1) { __typename edges { __typename cursor node { __typename size { __typename } onShow { __typename } } } nodes { __typename } pageInfo { __typename } }
      worksAggregate { __typename sum { __typename price } }
      worksGroups(groupBy: { technique: true, artist: { name: true } }, limit: 1) { __typename key { __typename artist { __typename } } min { __typename } }
      artistCards(limit: 1) { __typename lived { __typename } works { __typename } }
      named(limit: 1) { __typename }
    }`;
    expect(await api.data(query)).toEqual({
      __typename: "Query",
      worksConnection: {
        __typename: "WorkConnection",
        edges: [
          {
            __typename: "WorkEdge",
            cursor: expect.any(String),
            node: { __typename: "Work", size: { __typename: "Dimensions" }, onShow: { __typename: "DateRange" } },
          },
        ],
        nodes: [{ __typename: "Work" }],
        pageInfo: { __typename: "PageInfo" },
      },
      worksAggregate: {
        __typename: "WorkAggregate",
        sum: { __typename: "WorkAggregateSum", price: expect.any(String) },
      },
      worksGroups: [
        {
          __typename: "WorkGroup",
          key: { __typename: "WorkGroupKey", artist: { __typename: "ArtistGroupKey" } },
          min: { __typename: "WorkAggregateMin" },
        },
      ],
      artistCards: [
        {
          __typename: "ArtistCard",
          lived: { __typename: expect.any(String) },
          works: [{ __typename: expect.any(String) }, { __typename: expect.any(String) }],
        },
      ],
      named: [{ __typename: "Artist" }],
    });
  });
});

describe("interfaces and unions", () => {
  test("fragments apply by the type of each row", async () => {
    const query = `{
      inventory(offset: 5, limit: 2) {
        ... on Work { title ...N }
        ... on Room { title: name ...N }
        ... on Node { nodeId }
        ... on Named { name }
      }
    }
    fragment N on Node { __typename }`;
    expect(await api.data(query)).toEqual({
      inventory: [
        { title: "Bridge", __typename: "Work", nodeId: "WyJXb3JrIiwiNiJd" },
        { title: "East", __typename: "Room", nodeId: "WyJSb29tIiwiMSJd", name: "East" },
      ],
    });
  });

  test("a row without a matching fragment is an empty object", async () => {
    expect(await api.data("{ named(limit: 5) { ... on Room { floor } } }")).toEqual({
      named: [{}, {}, {}, {}, { floor: 0 }],
    });
  });

  test("pages go on from member to member", async () => {
    const data = await api.data("query ($l: Int, $o: Int) { named(limit: $l, offset: $o) { name } }", { l: 3, o: 3 });
    expect(data).toEqual({ named: [{ name: "Dmitri" }, { name: "East" }, { name: "West" }] });
    expect(await api.data("{ named(limit: 0) { name } }")).toEqual({ named: [] });
  });

  test("relations, pages and measures below them", async () => {
    const data = await api.data(
      "{ named(offset: 2, limit: 3) { ... on Artist { works { title } worksAggregate { count } } ... on Room { worksConnection(first: 1) { totalCount nodes { title } } } } }",
    );
    expect(data).toEqual({
      named: [
        { works: [{ title: "Études" }], worksAggregate: { count: 1 } },
        { works: [], worksAggregate: { count: 0 } },
        { worksConnection: { totalCount: 2, nodes: [{ title: "Bridge" }] } },
      ],
    });
  });
});

describe("node", () => {
  const query =
    "query ($id: ID!) { node(id: $id) { nodeId __typename ... on Work { title } ... on Hanging { since } ... on Named { name } } }";

  test("finds the row of every node id there is, with one document for all types", async () => {
    const all = (await api.data(
      "{ works { nodeId } artists { nodeId } rooms { nodeId } hangings { nodeId } }",
    )) as Record<string, { nodeId: string }[]>;
    const ids = Object.values(all).flatMap((rows) => rows.map(({ nodeId }) => nodeId));
    expect(ids).toHaveLength(17);
    for (const id of ids) expect(await api.data(query, { id })).toMatchObject({ node: { nodeId: id } });
  });

  test("is null where the row is gone, and takes the id as a literal", async () => {
    expect(await api.data(query, { id: btoa('["Work","99"]') })).toEqual({ node: null });
    expect(
      await api.data(
        `{ a: node(id: "${btoa('["Room","2"]')}") { ... on Room { name } } b: node(id: "${btoa('["Hanging","1","1"]')}") { __typename } }`,
      ),
    ).toEqual({ a: { name: "West" }, b: { __typename: "Hanging" } });
  });

  test("refuses ids that were tampered with, without SQL in the message", async () => {
    for (const id of [
      btoa('["Work"]'),
      btoa('["Work","1","2"]'),
      btoa('["Work",null]'),
      btoa('["Query","1"]'),
      btoa('["ArtistCard","1"]'),
      btoa('["Work",1]'),
      btoa("{}"),
      "",
      "🙂",
    ]) {
      expect([id, await api.code(query, { id })]).toEqual([id, "BAD_USER_INPUT"]);
    }
    const { errors } = await api.answer(query, { id: btoa('["Work","1; select"]') });
    expect(errors).toEqual([
      {
        message: "A value does not fit the type it is compared with or cast to.",
        extensions: { sqlstate: "22P02", code: "BAD_USER_INPUT" },
      },
    ]);
  });
});

describe("null and lists", () => {
  test("a value is null, a list is empty, a missing row is null, and elements may be null", async () => {
    expect(
      await api.data(
        "{ work(workId: 3) { tags versions { note } rooms { name } price } nothing: work(workId: 0) { title } works(where: { workId: { eq: 0 } }) { title } }",
      ),
    ).toEqual({
      work: { tags: ["red", null], versions: null, rooms: [], price: "100.10" },
      nothing: null,
      works: [],
    });
  });

  test("a field declared non-null that holds null is an error with its place, never a null there", async () => {
    const { errors, status, data } = await api.answer("{ blankArtists { name artistId } }");
    expect(data).toBeNull();
    expect(status).toBe(200);
    expect(errors).toEqual([
      {
        message: "Artist.artistId is declared non-null, but the database holds a null there.",
        locations: [{ line: 1, column: 23 }],
        path: ["blankArtists", 0, "artistId"],
        extensions: { at: "Artist.artistId", code: "NOT_NULL_VIOLATED" },
      },
    ]);
    expect(await api.data("{ blankArtists(orderBy: [{ name: ASC }]) { name } }")).toEqual({
      blankArtists: [{ name: "Ada" }, { name: "blank" }],
    });
  });
});

describe("introspection", () => {
  test("takes variables and stands beside data, also through fragments", async () => {
    const query = `query ($name: String!, $technique: Technique!, $deprecated: Boolean = false) {
      __type(name: $name) { ...T }
      ...Q
      __schema { queryType { name } }
    }
    fragment T on __Type { name kind fields(includeDeprecated: $deprecated) { name } }
    fragment Q on Query { works(where: { technique: { eq: $technique } }) { code } }`;
    expect(await api.data(query, { name: "Named", technique: "EMPTY" })).toEqual({
      __type: { name: "Named", kind: "INTERFACE", fields: [{ name: "name" }] },
      works: [{ code: "CC-1" }],
      __schema: { queryType: { name: "Query" } },
    });
  });

  test("tells descriptions, one-of inputs and where a scalar is specified", async () => {
    const data = await api.data(
      '{ artist: __type(name: "Artist") { description } order: __type(name: "WorkOrderBy") { isOneOf } uuid: __type(name: "DateTime") { specifiedByURL } none: __type(name: "Nope") { name } }',
    );
    expect(data).toEqual({
      artist: { description: "Someone who made works." },
      order: { isOneOf: true },
      uuid: { specifiedByURL: "https://www.rfc-editor.org/rfc/rfc3339" },
      none: null,
    });
  });
});
