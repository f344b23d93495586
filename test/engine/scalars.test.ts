import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { QueryField } from "../../src/core/schema/model.ts";
import { rootOver, SCALAR_CASES, SCALAR_SETUP, type TypeCases, tableOf } from "./scalar-values.ts";
import { type Served, serve } from "./served.ts";

let api: Served;
beforeAll(async () => {
  api = await serve("scalars", SCALAR_SETUP);
});
afterAll(() => api.close());

const root = ({ pg }: TypeCases, kind: QueryField["kind"]): string => rootOver(api.model, pg, kind);

async function idsBySql(text: string, values: readonly string[] = []): Promise<readonly number[]> {
  return (await api.database.rows({ text, values })).map(([id]) => Number(id));
}

const expectedIds = ({ pg }: TypeCases, id: number): Promise<readonly number[]> =>
  idsBySql(
    `SELECT id FROM ${tableOf(pg)} WHERE value = (SELECT value FROM ${tableOf(pg)} WHERE id = $1::int4) ORDER BY id`,
    [String(id)],
  );

describe("every value of PostgreSQL is answered by its written rule", () => {
  for (const type of SCALAR_CASES) {
    test(`${type.pg} as an answer`, async () => {
      const list = root(type, "list");
      const { text } = await api.answer(`{ ${list} { value } }`);
      const rows = [...type.cases.map(([, json]) => json), "null"].map((json) => `{"value":${json}}`);
      expect(text).toBe(`{"data":{"${list}":[${rows.join(",")}]}}`);
    });
  }
});

describe("what is answered can be given back as a filter", () => {
  for (const type of SCALAR_CASES) {
    if (type.only === "answer") continue;
    test(`${type.pg} as a filter value`, async () => {
      const list = root(type, "list");
      const filter = api.operations.schema.getType(filterOf(type));
      const query = (operator: string, operand: string): string =>
        `query ($v: ${operand}) { ${list}(where: { value: { ${operator}: $v } }) { id } }`;
      const leaf = filterOf(type).replace(/Filter$/, "");
      expect(filter).toBeDefined();
      for (const [index, [, json]] of type.cases.entries()) {
        if (json === "null") continue;
        const value: unknown = JSON.parse(json);
        const expected = { [list]: (await expectedIds(type, index + 1)).map((id) => ({ id })) };
        expect(await api.data(query("eq", `${leaf}!`), { v: value })).toEqual(expected);
        expect(await api.data(query("in", `[${leaf}!]!`), { v: [value] })).toEqual(expected);
      }
    });
  }
});

function filterOf(type: TypeCases): string {
  const object = api.model.objects.find(
    ({ source }) => source.kind === "columns" && source.relation.name === tableOf(type.pg),
  );
  const field = object?.fields.find(({ name }) => name === "value");
  return `${field?.type}Filter`;
}

describe("cursors carry every value", () => {
  const orders = [
    ["ASC", "value ASC NULLS LAST, id ASC"],
    ["DESC", "value DESC NULLS LAST, id DESC"],
    ["ASC_NULLS_FIRST", "value ASC NULLS FIRST, id ASC"],
    ["DESC_NULLS_FIRST", "value DESC NULLS FIRST, id DESC"],
  ] as const;
  for (const type of SCALAR_CASES) {
    if (type.only) continue;
    test(`${type.pg} as a cursor value, forward and backward`, async () => {
      const name = root(type, "connection");
      for (const [direction, order] of orders) {
        const expected = await idsBySql(`SELECT id FROM ${tableOf(type.pg)} ORDER BY ${order}`);
        expect(await pagedIds(name, direction, "first")).toEqual(expected);
        expect((await pagedIds(name, direction, "last")).toReversed()).toEqual([...expected]);
      }
    });
  }
});

type Connection = {
  nodes: { id: number }[];
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string; endCursor: string };
};

/** The ids of all pages of two rows, each page read from its end that comes first. */
async function pagedIds(name: string, direction: string, side: "first" | "last"): Promise<readonly number[]> {
  const mark = side === "first" ? "after" : "before";
  const query = `query ($cursor: String, $d: OrderDirection!) {
    ${name}(orderBy: { value: $d }, ${side}: 2, ${mark}: $cursor) { nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }
  }`;
  const ids: number[] = [];
  let cursor: string | null = null;
  do {
    const data = (await api.data(query, { cursor, d: direction })) as Record<string, Connection>;
    const { nodes, pageInfo } = data[name] as Connection;
    ids.push(...(side === "first" ? nodes : nodes.toReversed()).map(({ id }) => id));
    if (side === "first") cursor = pageInfo.hasNextPage ? pageInfo.endCursor : null;
    else cursor = pageInfo.hasPreviousPage ? pageInfo.startCursor : null;
  } while (cursor !== null);
  return ids;
}
