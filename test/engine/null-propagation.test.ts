/** Nulls where the schema promises that there are none: data without the places around them, and an error for each. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { propagateNulls } from "../../src/core/plan/propagate-nulls.ts";
import type { Model } from "../../src/core/schema/model.ts";
import { SHOWN_NULLS } from "../../src/core/sql/shown-nulls.ts";
import { extendGallery, GALLERY_SQL } from "./gallery.ts";
import { type Served, serve } from "./served.ts";

/** Promises the rows do not keep. */
const PROMISED: Readonly<Record<string, readonly string[]>> = {
  Work: ["price", "technique", "artist", "size", "priceWithTax", "acquired"],
  Artist: ["mentor", "movement"],
  Room: ["keeper"],
  Dimensions: ["note"],
  ArtistCardWork: ["title"],
  ArtistCardLived: ["from"],
};

const promising = (model: Model): Model => {
  const extended = extendGallery(model);
  return {
    ...extended,
    objects: extended.objects.map((object) => ({
      ...object,
      fields: object.fields.map((field) =>
        PROMISED[object.name]?.includes(field.name) ? { ...field, nullable: false } : field,
      ),
    })),
    queries: extended.queries.map((query) =>
      query.kind === "function-value" && query.name === "greeting" ? { ...query, nullable: false } : query,
    ),
  };
};

/** One title is missing inside of a document, too. */
const SQL = GALLERY_SQL.replace("'title', work.title", "'title', nullif(work.title, 'bridge at night')");

let api: Served;
beforeAll(async () => {
  api = await serve("null_propagation", SQL, { extend: promising });
});
afterAll(() => api.close());

/** The data, and of each error the field and its place. */
async function partial(query: string, variables?: Readonly<Record<string, unknown>>): Promise<unknown> {
  const { status, data, errors } = await api.answer(query, variables);
  expect(status).toBe(200);
  for (const { extensions, message } of errors) {
    expect(extensions.code).toBe("NOT_NULL_VIOLATED");
    expect(message).toBe(`${extensions["at"]} is declared non-null, but the database holds a null there.`);
  }
  return { data, errors: errors.map(({ path, extensions }) => `${extensions["at"]} ${path?.join(".")}`) };
}

describe("a null in a non-null field makes the nearest place around it null that may be null", () => {
  test("which is the row where it is looked up by key, and other root fields keep their data", async () => {
    expect(await partial("{ bad: work(workId: 2) { code price } good: work(workId: 1) { code price } }")).toEqual({
      data: { bad: null, good: { code: "AA-1", price: "100.10" } },
      errors: ["Work.price bad.price"],
    });
  });

  test("which is the root where the row stands in a list, and every row that is wrong is told", async () => {
    expect(await partial("{ works(orderBy: [{ workId: ASC }]) { code price technique } }")).toEqual({
      data: null,
      errors: ["Work.price works.1.price", "Work.price works.5.price", "Work.technique works.5.technique"],
    });
  });

  test("which is the object around a list in it", async () => {
    expect(
      await partial(
        "{ a: artist(artistId: 1) { name works(orderBy: [{ workId: ASC }]) { price } } b: artist(artistId: 2) { works { price } } }",
      ),
    ).toEqual({ data: { a: null, b: { works: [{ price: "100.10" }] } }, errors: ["Work.price a.works.1.price"] });
  });

  test("past missing rows of to-one relations that were said to be there", async () => {
    expect(
      await partial(
        "{ artist(artistId: 2) { name mentor { name mentor { name } } } room(roomId: 1) { keeper { name } } }",
      ),
    ).toEqual({
      data: { artist: null, room: { keeper: { name: "Boris" } } },
      errors: ["Artist.mentor artist.mentor.mentor"],
    });
  });

  test("an item of a list of values, whose items may be null, and not the list", async () => {
    expect(await partial("{ work(workId: 1) { versions { widthMm note } size { note } } }")).toEqual({
      data: { work: { versions: [{ widthMm: 1, note: "a" }, null, null], size: { note: "framed" } } },
      errors: ["Dimensions.note work.versions.2.note"],
    });
  });

  test("a composite that is missing, an expression, and all of them at once", async () => {
    expect(await partial("{ work(workId: 6) { code size { note } priceWithTax artist { name } acquired } }")).toEqual({
      data: { work: null },
      errors: [
        "Work.size work.size",
        "Work.priceWithTax work.priceWithTax",
        "Work.artist work.artist",
        "Work.acquired work.acquired",
      ],
    });
  });

  test("objects and lists inside of documents", async () => {
    expect(
      await partial("{ artistCards(orderBy: [{ artistId: ASC }]) { name lived { from } works { title tags } } }"),
    ).toEqual({
      data: {
        artistCards: [
          { name: "Ada", lived: { from: "1815-12-10" }, works: [{ title: "Bridge", tags: ["red", "blue"] }, null] },
          { name: "Boris", lived: null, works: [{ title: "100% Sure_thing\\", tags: ["red", null] }] },
          { name: "Chloé", lived: { from: "1900-01-01" }, works: [{ title: "Études", tags: ["blue"] }] },
          { name: "Dmitri", lived: { from: "1900-01-01" }, works: [] },
        ],
      },
      errors: ["ArtistCardWork.title artistCards.0.works.1.title", "ArtistCardLived.from artistCards.1.lived.from"],
    });
  });

  test("through nodes and edges of a connection, by their aliases", async () => {
    const page = "orderBy: [{ workId: ASC }], first: 2";
    expect(
      await partial(
        `{ one: artist(artistId: 1) { c: worksConnection(${page}) { totalCount all: nodes { cost: price } } }
           two: artist(artistId: 1) { c: worksConnection(${page}) { e: edges { cursor n: node { cost: price } } pageInfo { hasNextPage } } }
           three: artist(artistId: 1) { worksConnection(${page}) { __typename totalCount edges { cursor } pageInfo { hasNextPage startCursor } } } }`,
      ),
    ).toMatchObject({
      data: {
        one: null,
        two: null,
        three: { worksConnection: { __typename: "WorkConnection", totalCount: 2, pageInfo: { hasNextPage: false } } },
      },
      errors: ["Work.price one.c.all.1.cost", "Work.price two.c.e.1.n.cost"],
    });
  });

  test("in rows of several types, each by its own fields", async () => {
    expect(
      await partial(
        "{ inventory(limit: 7, offset: 5) { __typename ... on Work { technique } ... on Room { name keeper { name } } } work(workId: 1) { code } }",
      ),
    ).toEqual({
      data: null,
      errors: [
        "Work.technique inventory.0.technique",
        "Room.keeper inventory.2.keeper",
        "Room.keeper inventory.3.keeper",
      ],
    });
    expect(
      await partial("{ named(offset: 4) { name ... on Room { roomId keeper { name } } ... on Artist { movement } } }"),
    ).toEqual({
      data: null,
      errors: ["Room.keeper named.1.keeper", "Room.keeper named.2.keeper"],
    });
  });

  test("in rows and values of functions", async () => {
    expect(await partial('{ workTitled(title: "bridge at night") { price } greeting(name: "x") }')).toEqual({
      data: { workTitled: null, greeting: "hello x" },
      errors: ["Work.price workTitled.price"],
    });
    expect(
      await partial("query ($who: String) { greeting(name: $who) work(workId: 1) { code } }", { who: null }),
    ).toEqual({
      data: null,
      errors: ["Query.greeting greeting"],
    });
  });

  test("beside aggregates, groups, types and ids, which are as they would be", async () => {
    const rest =
      "__typename worksAggregate { count sum { price } avg { weightKg } } worksGroups(groupBy: { technique: true }) { key { technique } count } __schema { queryType { name } } t: artist(artistId: 1) { nodeId }";
    const { data } = (await partial(`{ bad: work(workId: 2) { price } ${rest} }`)) as { data: object };
    expect(data).toEqual({ bad: null, ...(((await api.data(`{ ${rest} }`)) ?? {}) as object) });
  });
});

test("an entry says where the document asks for the field, also where a fragment does", async () => {
  const { errors } = await api.answer(
    "query {\n  work(workId: 2) { ...F }\n}\nfragment F on Work {\n  code\n  cost: price\n}",
  );
  expect(errors).toEqual([
    {
      message: "Work.price is declared non-null, but the database holds a null there.",
      locations: [{ line: 6, column: 3 }],
      path: ["work", "cost"],
      extensions: { at: "Work.price", code: "NOT_NULL_VIOLATED" },
    },
  ]);
});

test("values beside a null lose no digit, and what is no null is as it was", async () => {
  const sql = `create table exact (id int primary key, big int8, exact numeric, open float8, j jsonb, raw json, list jsonb[], words text, gone text);
    insert into exact values (1, 9007199254740993, 0.10000000000000000000000001, 1e300, '{"n": 12345678901234567890.10, "b": [1e400]}', '{"z":1,  "z":2.50}', array['9007199254740993', null, '"q"']::jsonb[], E'"\\\\\\n\\u2028é😀', null), (2, 1, 1, 1, null, null, null, '', 'here')`;
  const exact = await serve("null_digits", sql, {
    extend: (model) => ({
      ...model,
      objects: model.objects.map((object) => ({
        ...object,
        fields: object.fields.map((field) => (field.name === "gone" ? { ...field, nullable: false } : field)),
      })),
    }),
  });
  try {
    const values = "good: exact(id: 1) { big exact open j raw list words }";
    const { text: whole } = await exact.answer(`{ ${values} }`);
    const { text: beside } = await exact.answer(`{ bad: exact(id: 1) { gone } ${values} }`);
    expect(beside).toEndWith(`,"data":{"bad":null,${whole.slice('{"data":{'.length)}`);
    expect(whole).toContain("12345678901234567890.10");
    expect(whole).toContain('{"z":1,  "z":2.50}');
  } finally {
    await exact.close();
  }
});

test("costs a second statement only where the first has failed, which is kept for later requests", async () => {
  const before = api.statements();
  await api.answer("{ work(workId: 1) { price } }");
  expect(api.statements() - before).toBe(1);
  await api.answer("query ($id: Int!) { work(workId: $id) { price } }", { id: 2 });
  expect(api.statements() - before).toBe(3);
  expect(await partial("query ($id: Int!) { work(workId: $id) { price } }", { id: 6 })).toEqual({
    data: { work: null },
    errors: ["Work.price work.price"],
  });
  expect(await api.data("query ($id: Int!) { work(workId: $id) { price } }", { id: 1 })).toEqual({
    work: { price: "100.10" },
  });
});

test("more violations than an answer names are counted", async () => {
  const query = "{ works(orderBy: [{ workId: ASC }]) { price technique } }";
  const { statement, plan } = api.operations.prepareAs(SHOWN_NULLS, { query });
  const text = new TextDecoder().decode((await api.database.text(statement)) as Uint8Array);
  const { data, errors } = propagateNulls(plan, text, 1);
  expect(data).toBe("null");
  expect(errors.map(({ message, extensions }) => [message, extensions.code])).toEqual([
    ["Work.price is declared non-null, but the database holds a null there.", "NOT_NULL_VIOLATED"],
    ["2 more non-null fields hold a null; only the first 1 are listed.", "NOT_NULL_VIOLATED"],
  ]);
});
