import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { openDatabase } from "../../../src/adapters/postgres/database.ts";
import { introspect } from "../../../src/adapters/postgres/introspect/introspect.ts";
import { sampleDocuments } from "../../../src/adapters/postgres/introspect/sample-documents.ts";
import { modelFromCatalog } from "../../../src/core/schema/from-catalog/from-catalog.ts";
import type { Model, ObjectType } from "../../../src/core/schema/model.ts";
import type { Database } from "../../../src/ports/database.ts";
import { type TestDatabase, testDatabase } from "../../support/postgres.ts";

const SCHEMA = `
create type colour as enum ('red', 'dark-blue');
create table tb_maker (pk_maker int generated always as identity primary key, id uuid not null unique, name text not null);
create table tb_car (
  pk_car int generated always as identity primary key, id uuid not null unique, name text not null, fk_maker int not null references tb_maker,
  mileage bigint, price numeric, colour colour, built date, note text
);
create view v_maker as select m.id, m.pk_maker, jsonb_build_object('id', m.id, 'name', m.name) as data from tb_maker m;
create view v_car as
  select c.id, m.id as maker_id, c.mileage, jsonb_build_object(
    'id', c.id, 'name', c.name, 'mileage', c.mileage, 'price', c.price, 'colour', c.colour, 'built', c.built, 'note', c.note,
    'maker', jsonb_build_object('id', m.id, 'name', m.name),
    'wheels', jsonb_build_array(jsonb_build_object('size', 17, 'bolts', jsonb_build_array(1, 2)), jsonb_build_object('size', 17.5)),
    'tags', jsonb_build_array('a', null), 'nothing', null, 'none', '[]'::jsonb, 'mixed', case when c.pk_car = 1 then '1' else '"x"' end::jsonb,
    'and', true, 'seen_at', '2020-01-01T00:00:00+00:00'
  ) as data
  from tb_car c join tb_maker m on m.pk_maker = c.fk_maker;
create table tv_car_stats (pk_car int primary key, data jsonb not null);
create view v_broken as select 1 as id, jsonb_build_object('a', 1 / (select 0)) as data;
create view v_empty as select 1 as id, '{"a": 1}'::jsonb as data where false;
create view v_cars_by_maker as select c.fk_maker, jsonb_agg(c.name) as data from tb_car c group by 1;
insert into tb_maker (id, name) values ('11111111-1111-1111-1111-111111111111', 'M');
insert into tb_car (id, name, fk_maker, mileage, price, colour, built)
  values ('22222222-2222-2222-2222-222222222222', 'A', 1, 10, 12.50, 'dark-blue', '2020-01-01'),
         ('33333333-3333-3333-3333-333333333333', 'B', 1, 20, 1, 'red', null);
insert into tv_car_stats values (1, '{"driven": 7, "byYear": {"2019": 1}}'), (2, '{"byYear": {"2020": 1}}'), (3, '{"byYear": {"2021": 1}}'), (4, '{"byYear": {"2022": 1}}');
`;

let server: TestDatabase;
let database: Database;
let model: Model;
let notes: readonly string[];

beforeAll(async () => {
  server = await testDatabase("documents", SCHEMA);
  database = openDatabase({ url: server.url, connectionsMax: 2 });
  const catalog = await introspect(database);
  ({ model, notes } = modelFromCatalog(catalog, await sampleDocuments(database, catalog)));
}, 60_000);
afterAll(async () => {
  await database?.close();
  await server?.drop();
});

const object = (name: string): ObjectType => {
  const found = model.objects.find((each) => each.name === name);
  if (!found) throw new Error(`no object ${name} among ${model.objects.map((each) => each.name).join()}`);
  return found;
};
const shown = (name: string): Record<string, string> =>
  Object.fromEntries(
    object(name).fields.map((field) => {
      const list = field.kind === "relation" ? field.cardinality === "many" : field.list;
      return [field.name, `${list ? `[${field.type}]` : field.type}${field.nullable ? "" : "!"}`];
    }),
  );

describe("documents of FraiseQL views", () => {
  test("the view has the plain name and its table is a row", () => {
    expect(object("Car").source).toEqual({
      kind: "document",
      relation: { schema: "public", name: "v_car" },
      column: "data",
    });
    expect(object("CarRow").source).toEqual({ kind: "columns", relation: { schema: "public", name: "tb_car" } });
  });

  test("types come from columns beside the document, then from the table, then from the values", () => {
    expect(shown("Car")).toMatchObject({
      id: "UUID!",
      name: "String",
      mileage: "BigInt",
      price: "Decimal",
      colour: "Colour",
      built: "Date",
      note: "String",
      tags: "[String]",
      nothing: "JSON",
      none: "JSON",
      mixed: "JSON",
      and_: "Boolean",
      seenAt: "DateTime",
      makerId: "UUID",
    });
    const field = (name: string) => object("Car").fields.find((each) => each.name === name);
    expect(field("mileage")).toMatchObject({ value: { from: "column", column: "mileage" } });
    expect(field("price")).toMatchObject({
      value: { from: "document", key: "price", type: { kind: "base", name: "numeric" } },
    });
    expect(field("seenAt")).toMatchObject({ value: { from: "document", key: "seen_at" } });
  });

  test("objects and lists of objects are values inside", () => {
    expect(shown("Car")).toMatchObject({ maker: "CarMaker", wheels: "[CarWheel]" });
    expect(shown("CarMaker")).toEqual({ id: "UUID", name: "String" });
    expect(shown("CarWheel")).toEqual({ size: "Float", bolts: "[Int]" });
    expect(object("CarWheel").source).toEqual({ kind: "value" });
  });

  test("a view has the keys of its table, id first, and is led to by the same keys", () => {
    expect(object("Car").keys).toEqual([
      { columns: [{ column: "id", type: { kind: "base", name: "uuid" } }], primary: true },
    ]);
    expect(object("Maker").keys.map(({ columns, primary }) => [columns[0]?.column, primary])).toEqual([
      ["id", true],
      ["pk_maker", false],
    ]);
    expect(object("Car").fields.find(({ kind }) => kind === "relation")).toMatchObject({
      name: "makerByMakerId",
      type: "Maker",
      cardinality: "one",
      nullable: true,
      local: ["maker_id"],
      foreign: ["id"],
    });
    expect(shown("Maker")).toMatchObject({ cars: "[Car]!" });
    expect(shown("CarRow")).toMatchObject({ maker: "MakerRow!" });
    expect(notes).toContain("Keys of View public.v_car are those of public.tb_car, taken on trust: a view has none.");
  });

  test("an object whose keys are data stays JSON", () => {
    expect(shown("CarStat")).toMatchObject({ driven: "Int", byYear: "JSON", pkCar: "Int!" });
  });

  test("a view that fails, is empty or holds no objects shows its columns", () => {
    expect(shown("Broken")).toEqual({ id: "Int", data: "JSON" });
    expect(shown("Empty")).toEqual({ id: "Int", data: "JSON" });
    expect(shown("CarsByMaker")).toEqual({ fkMaker: "Int", data: "JSON" });
  });
});
