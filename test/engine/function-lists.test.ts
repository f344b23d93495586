/** What stands beside the list of a function's rows: pages by cursor, measures, groups. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { GALLERY_SQL } from "./gallery.ts";
import { type Served, serve } from "./served.ts";

const MORE = `
  CREATE FUNCTION fn_apprentices(artist_id integer) RETURNS SETOF artist STABLE LANGUAGE sql AS $$ SELECT * FROM artist WHERE mentor_id = $1 $$;
  -- What is NOT NULL in the table is null in every second row.
  CREATE FUNCTION fn_masked() RETURNS SETOF artist STABLE LANGUAGE sql AS $$
    SELECT n, CASE WHEN n % 2 = 0 THEN 'artist ' || n END, NULL::date, NULL::text, NULL::integer FROM generate_series(1, 7) n
  $$;
  CREATE FUNCTION fn_hired(after integer, "groupBy" integer DEFAULT 0) RETURNS SETOF artist STABLE LANGUAGE sql AS $$
    SELECT * FROM artist WHERE artist_id > after
  $$;
  CREATE FUNCTION fn_named(name text) RETURNS SETOF artist STABLE LANGUAGE sql AS $$ SELECT * FROM artist WHERE artist.name = $1 $$;
  CREATE FUNCTION fn_named_aggregate() RETURNS integer STABLE LANGUAGE sql AS $$ SELECT 7 $$;
  CREATE FUNCTION fn_cards() RETURNS SETOF v_artist_card STABLE LANGUAGE sql AS $$ SELECT * FROM v_artist_card $$;
`;

let api: Served;
beforeAll(async () => {
  api = await serve("function_lists", GALLERY_SQL + MORE);
});
afterAll(() => api.close());

const rootFields = (start: string): readonly string[] =>
  Object.keys(api.operations.schema.getQueryType()?.getFields() ?? {}).filter((name) => name.startsWith(start));

test("its names are made as those beside the list of a table", () => {
  expect(rootFields("apprentices")).toEqual([
    "apprentices",
    "apprenticesConnection",
    "apprenticesAggregate",
    "apprenticesGroups",
  ]);
});

test("rows without a key have no cursors", () => {
  expect(rootFields("priceBands")).toEqual(["priceBands", "priceBandsAggregate", "priceBandsGroups"]);
});

test("a field is left out where the function takes an argument that the field could not do without", async () => {
  expect(rootFields("hired")).toEqual(["hired", "hiredAggregate"]);
  expect(await api.data("{ hiredAggregate(after: 1) { count } }")).toEqual({ hiredAggregate: { count: 3 } });
});

test("a function keeps its name, and what is made beside another gives way", async () => {
  expect(rootFields("named")).toEqual(["named", "namedConnection", "namedAggregate2", "namedGroups", "namedAggregate"]);
  expect(await api.data('{ namedAggregate namedAggregate2(name: "Ada") { count } }')).toEqual({
    namedAggregate: 7,
    namedAggregate2: { count: 1 },
  });
});

test("measures are over the rows that the arguments give and the filter leaves", async () => {
  const query = `query ($of: Int!) {
    all: apprenticesAggregate(artistId: $of) { count countDistinct { movement } max { name } }
    with: apprenticesAggregate(artistId: $of, where: { works: { some: { tags: { contains: ["blue"] } } } }) { count min { name } }
    none: apprenticesAggregate(artistId: 99) { count max { name } }
  }`;
  expect(await api.data(query, { of: 1 })).toEqual({
    all: { count: 2, countDistinct: { movement: 1 }, max: { name: "Chloé" } },
    with: { count: 1, min: { name: "Chloé" } },
    none: { count: 0, max: { name: null } },
  });
});

test("groups are by columns and related rows, with having, an order by a measure and a page", async () => {
  const query = `{
    byMentor: maskedGroups(groupBy: { name: true }, having: { count: { gt: 1 } }) { key { name } count sum { artistId } }
    byArtist: worksOverGroups(minPrice: -100, groupBy: { artist: { name: true } }, orderBy: [{ max: { price: DESC } }], limit: 1) {
      key { artist { name } } count max { price }
    }
    bands: priceBandsGroups(step: 1000, groupBy: { works: true }) { key { works } count }
  }`;
  expect(await api.data(query)).toEqual({
    byMentor: [{ key: { name: null }, count: 4, sum: { artistId: "16" } }],
    byArtist: [{ key: { artist: { name: null } }, count: 1, max: { price: "99999999.99" } }],
    bands: [
      { key: { works: "1" }, count: 2 },
      { key: { works: "2" }, count: 1 },
    ],
  });
  expect(await api.code("{ maskedGroups(groupBy: {}) { count } }")).toBe("BAD_USER_INPUT");
});

type Page = { readonly edges: readonly { readonly cursor: string; readonly node: { readonly artistId: number } }[] };

/** The ids of all rows, in pages of two, each from where the one before it ended. */
async function walked(orderBy: string, size: "first" | "last"): Promise<readonly number[]> {
  const ids: number[] = [];
  const place = size === "first" ? "after" : "before";
  for (let cursor: string | undefined, pages = 0; pages < 9; pages += 1) {
    const query = `query ($c: String) { maskedConnection(${size}: 2, ${place}: $c, orderBy: [${orderBy}]) { edges { cursor node { artistId } } } }`;
    const { edges } = ((await api.data(query, { c: cursor })) as { maskedConnection: Page }).maskedConnection;
    if (edges.length === 0) return ids;
    const found = edges.map(({ node }) => node.artistId);
    if (size === "first") ids.push(...found);
    else ids.unshift(...found);
    cursor = edges.at(size === "first" ? -1 : 0)?.cursor;
  }
  throw new Error("the pages do not end");
}

test.each([
  ["", [1, 2, 3, 4, 5, 6, 7]],
  ["{ artistId: DESC }", [7, 6, 5, 4, 3, 2, 1]],
  ["{ name: ASC }", [2, 4, 6, 1, 3, 5, 7]],
  ["{ name: ASC_NULLS_FIRST }", [1, 3, 5, 7, 2, 4, 6]],
  ["{ name: DESC_NULLS_FIRST }", [7, 5, 3, 1, 6, 4, 2]],
])(
  "pages ordered by [%s] lose and repeat no row, though a column that is NOT NULL in the table holds nulls",
  async (orderBy, ids) => {
    expect(await walked(orderBy, "first")).toEqual(ids);
    expect(await walked(orderBy, "last")).toEqual(ids);
  },
);

test("a list is ordered by such a column with its nulls where they were asked for", async () => {
  expect(await api.data("{ masked(orderBy: [{ name: ASC_NULLS_FIRST }], limit: 5) { artistId } }")).toEqual({
    masked: [1, 3, 5, 7, 2].map((artistId) => ({ artistId })),
  });
});

test("a page has its count and whether there is more, and takes the function's arguments and a filter", async () => {
  const query = `query ($of: Int!) {
    apprenticesConnection(artistId: $of, first: 1, where: { name: { neq: "Ada" } }, orderBy: [{ name: DESC }]) {
      totalCount nodes { name works { title } mentor { name } } pageInfo { hasNextPage hasPreviousPage }
    }
  }`;
  expect(await api.data(query, { of: 1 })).toEqual({
    apprenticesConnection: {
      totalCount: 2,
      nodes: [{ name: "Chloé", works: [{ title: "Études" }], mentor: { name: "Ada" } }],
      pageInfo: { hasNextPage: true, hasPreviousPage: false },
    },
  });
  expect(await api.code('{ apprenticesConnection(artistId: 1, first: 1, after: "x") { nodes { name } } }')).toBe(
    "BAD_CURSOR",
  );
  expect(await api.code("{ apprenticesConnection(artistId: 1, first: 1, last: 1) { nodes { name } } }")).toBe(
    "BAD_USER_INPUT",
  );
});

test("rows of a view whose object is a document are measured and grouped, too", async () => {
  expect(rootFields("cards")).toEqual(["cards", "cardsAggregate", "cardsGroups"]);
  expect(
    await api.data("{ cardsAggregate { count max { name } } cardsGroups(groupBy: { movement: true }) { count } }"),
  ).toEqual({
    cardsAggregate: { count: 4, max: { name: "Dmitri" } },
    cardsGroups: [{ count: 1 }, { count: 2 }, { count: 1 }],
  });
});
