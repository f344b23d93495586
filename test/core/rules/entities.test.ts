import { expect, test } from "bun:test";
import { entitiesOfModel } from "../../../src/core/rules/entities.ts";
import type { PgType } from "../../../src/core/schema/catalog.ts";
import type { Field, Model, ObjectType } from "../../../src/core/schema/model.ts";

const base = (name: string): PgType => ({ kind: "base", name });
const column = (name: string, from: string, type: PgType, notNull = false): Field => ({
  kind: "scalar",
  name,
  type: "String",
  list: false,
  nullable: !notNull,
  value: { from: "column", column: from, type, notNull },
});

test("entities are the objects of a model that are rows of tables, with columns by their own names", () => {
  const mood: PgType = { kind: "enum", schema: "public", name: "mood" };
  const order: ObjectType = {
    name: "Order",
    source: { kind: "columns", relation: { schema: "shop", name: "orders" } },
    keys: [{ columns: [{ column: "id", type: base("int8") }], primary: true }],
    interfaces: [],
    fields: [
      column("madeAt", "made_at", base("timestamptz"), true),
      column("mood", "mood", { kind: "domain", schema: "public", name: "d", base: mood }),
      column("tags", "tags", { kind: "array", element: base("text") }),
      column("span", "span", base("interval")),
    ],
  };
  const view: ObjectType = {
    ...order,
    name: "Seen",
    source: { kind: "document", relation: { schema: "shop", name: "v_seen" }, column: "data" },
  };
  const model: Model = {
    objects: [order, view],
    enums: [{ name: "Mood", values: [{ name: "GOOD", label: "good" }], pg: { schema: "public", name: "mood" } }],
    interfaces: [],
    unions: [],
    inputs: [],
    queries: [],
  };
  const entities = entitiesOfModel(model);
  expect([...entities.keys()]).toEqual(["Order"]);
  expect(entities.get("Order")?.table).toBe("shop.orders");
  expect(Object.fromEntries(entities.get("Order")?.fields ?? [])).toEqual({
    id: { name: "id", type: { kind: "bigint" }, nullable: false },
    made_at: { name: "made_at", type: { kind: "timestamptz" }, nullable: false, apiName: "madeAt" },
    mood: { name: "mood", type: { kind: "enum", labels: ["good"] }, nullable: true },
    tags: { name: "tags", type: { kind: "array", element: { kind: "text" } }, nullable: true },
    span: { name: "span", type: { kind: "other" }, nullable: true },
  });
});
