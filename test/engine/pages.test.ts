import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import postgres from "postgres";
import { seeded } from "../support/seeded.ts";
import { type Served, serve } from "./served.ts";

const ROWS = 120;
let api: Served;
let writer: postgres.Sql;

beforeAll(async () => {
  // Few different values, many nulls: most rows tie with others. Ids leave room between them for rows that come later.
  api = await serve(
    "pages",
    `CREATE TABLE parent (parent_id int4 PRIMARY KEY, rank int4);
     INSERT INTO parent SELECT i, NULLIF(i % 3, 0) FROM generate_series(1, 6) AS i;
     CREATE TABLE item (item_id int8 PRIMARY KEY, grade int4, label text, parent_id int4 REFERENCES parent, stays boolean NOT NULL DEFAULT true);
     INSERT INTO item SELECT i * 100, NULLIF(i % 5, 0), CASE WHEN i % 7 < 3 THEN NULL ELSE chr(97 + i % 4) END, NULLIF(i % 7, 0) FROM generate_series(1, ${ROWS}) AS i;`,
  );
  writer = postgres(api.url, { max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await writer.end();
  await api.close();
});

const ORDERS = [
  "[]",
  "[{ grade: ASC }]",
  "[{ grade: DESC_NULLS_FIRST }]",
  "[{ grade: DESC }, { label: ASC_NULLS_FIRST }]",
  "[{ label: ASC }, { itemId: DESC }]",
  "[{ parent: { rank: DESC } }, { grade: ASC }]",
] as const;

type Page = {
  nodes: { itemId: string }[];
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null };
};

async function readPage(order: string, side: "first" | "last", cursor: string | null): Promise<Page> {
  const mark = side === "first" ? "after" : "before";
  const data = (await api.data(
    `query ($cursor: String) { itemsConnection(orderBy: ${order}, ${side}: 7, ${mark}: $cursor) { nodes { itemId } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`,
    { cursor },
  )) as { itemsConnection: Page };
  return data.itemsConnection;
}

/** Reads all pages; `between` runs after each of them. Ids come in the order they were read. */
async function readAll(order: string, side: "first" | "last", between: () => Promise<unknown>): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | null = null;
  do {
    const { nodes, pageInfo } = await readPage(order, side, cursor);
    ids.push(...(side === "first" ? nodes : nodes.toReversed()).map(({ itemId }) => itemId));
    cursor = side === "first" ? pageInfo.endCursor : pageInfo.startCursor;
    if (!(side === "first" ? pageInfo.hasNextPage : pageInfo.hasPreviousPage)) break;
    await between();
  } while (cursor !== null);
  return ids;
}

describe("pages by cursor while other connections insert and delete", () => {
  for (const order of ORDERS) {
    for (const side of ["first", "last"] as const) {
      test(`order ${order}, ${side}: a row that is there all the time is read once, and no row twice`, async () => {
        const random = seeded(ORDERS.indexOf(order) * 2 + (side === "last" ? 1 : 0));
        const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
        await writer`DELETE FROM item WHERE NOT stays`;
        const churn = async (): Promise<void> => {
          for (let count = 0; count < 5; count += 1) {
            const id = Math.floor(random() * ROWS) * 100 + 1 + Math.floor(random() * 98);
            await writer`
              INSERT INTO item VALUES (${id}, ${pick([null, 1, 2, 3, 4])}, ${pick([null, "a", "b", "c", "d"])}, ${pick([null, 1, 2, 3, 4, 5, 6])}, false)
              ON CONFLICT DO NOTHING`;
          }
          await writer`DELETE FROM item WHERE item_id IN (SELECT item_id FROM item WHERE NOT stays ORDER BY md5(item_id::text || ${String(random())}) LIMIT 2)`;
        };
        await churn();
        const read = await readAll(order, side, churn);
        expect(new Set(read).size).toBe(read.length);
        const staying = (await writer<{ id: string }[]>`SELECT item_id::text AS id FROM item WHERE stays`).map(
          ({ id }) => id,
        );
        expect(staying).toHaveLength(ROWS);
        expect(staying.filter((id) => !read.includes(id))).toEqual([]);
      });
    }
  }

  test("the row a cursor was made of may be gone", async () => {
    await writer`DELETE FROM item WHERE NOT stays`;
    await writer`INSERT INTO item VALUES (-1, 0, NULL, NULL, false)`;
    const data = (await api.data("{ itemsConnection(first: 1) { nodes { itemId } pageInfo { endCursor } } }")) as {
      itemsConnection: Page;
    };
    expect(data.itemsConnection.nodes).toEqual([{ itemId: "-1" }]);
    await writer`DELETE FROM item WHERE item_id = -1`;
    const next = await readPage("[]", "first", data.itemsConnection.pageInfo.endCursor);
    expect(next.nodes[0]).toEqual({ itemId: "100" });
  });
});

describe("what a page says about its neighbours", () => {
  const ask = async (args: string): Promise<unknown> => {
    await writer`DELETE FROM item WHERE NOT stays`;
    const data = (await api.data(
      `{ itemsConnection(${args}) { nodes { itemId } pageInfo { hasNextPage hasPreviousPage } totalCount } }`,
    )) as { itemsConnection: Page & { totalCount: number } };
    const { nodes, pageInfo, totalCount } = data.itemsConnection;
    return [nodes.map(({ itemId }) => Number(itemId)), pageInfo.hasPreviousPage, pageInfo.hasNextPage, totalCount];
  };

  test("the exact end, an empty page, and a page of nothing", async () => {
    expect(await ask("last: 2")).toEqual([[11_900, 12_000], true, false, ROWS]);
    expect(await ask(`first: ${ROWS}, where: { itemId: { lte: "200" } }`)).toEqual([[100, 200], false, false, 2]);
    expect(await ask('first: 2, where: { itemId: { lte: "200" } }')).toEqual([[100, 200], false, false, 2]);
    expect(await ask('first: 1, where: { itemId: { lte: "200" } }')).toEqual([[100], false, true, 2]);
    expect(await ask("first: 0")).toEqual([[], false, true, ROWS]);
    expect(await ask("first: 3, where: { itemId: { lt: 0 } }")).toEqual([[], false, false, 0]);
  });

  test("a window between two cursors", async () => {
    const data = (await api.data("{ itemsConnection(first: 6) { edges { cursor node { itemId } } } }")) as {
      itemsConnection: { edges: { cursor: string }[] };
    };
    const [, second, , , , sixth] = data.itemsConnection.edges.map(({ cursor }) => cursor);
    expect(await ask(`after: "${second}", before: "${sixth}"`)).toEqual([[300, 400, 500], true, false, ROWS]);
    expect(await ask(`after: "${second}", before: "${sixth}", last: 1`)).toEqual([[500], true, true, ROWS]);
  });

  test("a page of all rows that would be longer than a page may be is an error, not a short page", async () => {
    const small = await serve(
      "page_limit",
      "CREATE TABLE a (a_id int4 PRIMARY KEY); INSERT INTO a SELECT generate_series(1, 6); CREATE TABLE b (b_id int4 PRIMARY KEY, a_id int4 NOT NULL REFERENCES a); INSERT INTO b SELECT i, 1 FROM generate_series(1, 6) AS i;",
      { limits: { pageRowsMax: 5 } },
    );
    try {
      const list = small.model.queries.find(({ kind, type }) => kind === "list" && type === "A")?.name;
      const one = "a(aId: 1)";
      expect(await small.code(`{ ${list}Connection { nodes { aId } } }`)).toBe("PAGE_LIMIT");
      expect(await small.code(`{ ${list} { aId } }`)).toBe("PAGE_LIMIT");
      expect(await small.code(`{ ${list} { aId bs { bId } } }`)).toBe("PAGE_LIMIT");
      expect(await small.code(`{ ${one} { bs { bId } } }`)).toBe("PAGE_LIMIT");
      expect(await small.code(`{ ${one} { bsConnection { edges { cursor } } } }`)).toBe("PAGE_LIMIT");
      expect(await small.code(`{ ${list}Groups(groupBy: { aId: true }) { count } }`)).toBe("PAGE_LIMIT");
      expect(
        await small.data(`{ ${one} { bs(limit: 5) { bId } bsAggregate { count } bsConnection { totalCount } } }`),
      ).toMatchObject({ a: { bsAggregate: { count: 6 }, bsConnection: { totalCount: 6 } } });
    } finally {
      await small.close();
    }
  });
});
