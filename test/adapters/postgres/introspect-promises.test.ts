/** What looks like a promise of the database and is none. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { openDatabase } from "../../../src/adapters/postgres/database.ts";
import { introspect } from "../../../src/adapters/postgres/introspect/introspect.ts";
import type { Catalog, CatalogRelation } from "../../../src/core/schema/catalog.ts";
import { modelFromCatalog } from "../../../src/core/schema/from-catalog/from-catalog.ts";
import { type TestDatabase, testDatabase } from "../../support/postgres.ts";

const SCHEMA = `
create foreign data wrapper nothing;
create server elsewhere foreign data wrapper nothing;
create foreign table far (id int not null, name text) server elsewhere;

create table target (id int primary key);
create table early (id int, a int, b int);
insert into early values (1, null, null);
alter table early add constraint a_not_null not null a not valid;
alter table early add constraint b_ok not null id;
create table loose (id int primary key, target_id int not null references target not enforced);
create table span (k int4range, at daterange, primary key (k, at without overlaps));
create table inside (k int4range, at daterange, foreign key (k, period at) references span (k, period at));

create table payment (id int primary key, target_id int not null references target, own int not null no inherit, at date not null);
create table payment_old (check (at < '2020-01-01')) inherits (payment);
create table payment_new (check (at >= '2020-01-01')) inherits (payment);
alter table payment_old add foreign key (target_id) references target;

create table mixed (id int not null, at date not null) partition by list (id);
create table mixed_here partition of mixed for values in (1);
create foreign table mixed_far partition of mixed for values in (2) server elsewhere;
create table unfinished (id int not null) partition by list (id);
create table unfinished_1 partition of unfinished for values in (1);
create unique index on only unfinished (id);
create table included (id int not null, extra int not null);
create unique index on included (id) include (extra);
create table lone (id int, at date, unique nulls not distinct (id, at));
create table tb_band (pk_band int primary key, id uuid not null unique, label text unique, slug text);
create materialized view v_band as select id, label, slug from tb_band;
create unique index v_band_id on v_band (id);
create unique index v_band_slug on v_band (slug);
create table late (id int not null unique deferrable initially deferred);
`;

let server: TestDatabase;
let catalog: Catalog;

beforeAll(async () => {
  server = await testDatabase("promises", SCHEMA);
  const database = openDatabase({ url: server.url, connectionsMax: 1 });
  catalog = await introspect(database).finally(() => database.close());
}, 60_000);
afterAll(() => server?.drop());

const relation = (name: string): CatalogRelation | undefined => catalog.relations.find((each) => each.name === name);
const notNull = (name: string): readonly string[] =>
  relation(name)
    ?.columns.filter((each) => each.notNull)
    .map((each) => each.name) ?? [];
const keys = (name: string) => relation(name)?.keys.map(({ columns }) => columns);

describe("introspection does not believe", () => {
  test("the NOT NULL of a foreign table, or of a table with a partition elsewhere", () => {
    expect(relation("far")?.kind).toBe("foreign-table");
    expect(notNull("far")).toEqual([]);
    expect(notNull("mixed")).toEqual([]);
  });

  test("a NOT NULL that was never validated", () => {
    expect(notNull("early")).toEqual(["id"]);
  });

  test("a NOT NULL that heirs do not have", () => {
    expect(notNull("payment")).toEqual(["id", "target_id", "at"]);
  });

  test("a foreign key that is not enforced, or that an heir lacks", () => {
    expect(relation("loose")?.foreignKeys.map(({ validated }) => validated)).toEqual([false]);
    expect(relation("payment")?.foreignKeys.map(({ validated }) => validated)).toEqual([false]);
  });

  test("a key with nulls to name a row, even where they may not repeat", () => {
    expect(relation("lone")?.keys).toEqual([
      { name: "lone_id_at_key", columns: ["id", "at"], primary: false, nullable: true },
    ]);
  });

  test("a key that compares by overlap, or an index that some partitions lack", () => {
    expect(keys("span")).toEqual([]);
    expect(relation("inside")?.foreignKeys).toEqual([]);
    expect(keys("unfinished")).toEqual([]);
  });
});

describe("introspection believes", () => {
  test("heirs that add no column to be partitions, and their key to be meant for all", () => {
    expect(relation("payment_old")).toBeUndefined();
    expect(relation("payment")?.keys).toEqual([
      { name: "payment_pkey", columns: ["id"], primary: true, assumed: true },
    ]);
    const { model, notes } = modelFromCatalog(catalog);
    expect(model.queries.some(({ name }) => name === "payment")).toBe(true);
    expect(notes).toContain(
      "Key payment_pkey of Table public.payment is taken on trust: PostgreSQL does not enforce it over inheriting tables.",
    );
    expect(
      model.objects.find(({ name }) => name === "Payment")?.fields.find(({ name }) => name === "target"),
    ).toMatchObject({ nullable: true });
  });

  test("a view to have the keys of its table, as they are there, beside its own", () => {
    const { model } = modelFromCatalog(catalog);
    const band = model.objects.find(({ source }) => source.kind !== "value" && source.relation.name === "v_band");
    expect(
      band?.keys.map(({ columns, primary, nullable }) => [columns[0]?.column, primary, nullable ?? false]),
    ).toEqual([
      ["id", true, false],
      ["label", false, true],
      ["slug", false, true],
    ]);
    expect(band?.fields.map((each) => each.kind === "scalar" && [each.name, each.nullable])).toEqual([
      ["id", false],
      ["label", true],
      ["slug", true],
    ]);
  });

  test("included columns to be no part of a key, and a deferred key to hold", () => {
    expect(keys("included")).toEqual([["id"]]);
    expect(keys("late")).toEqual([["id"]]);
  });

  test("a deferred key to find a row, but not to be one an upsert can go by", () => {
    const { model } = modelFromCatalog(catalog);
    const late = model.objects.find(({ name }) => name === "Late");
    expect(late?.keys).toMatchObject([{ columns: [{ column: "id" }], deferrable: true }]);
    expect(model.mutations?.flatMap(({ name }) => (name.endsWith("Late") ? [name] : []))).toEqual([
      "insertLate",
      "updateLate",
      "deleteLate",
    ]);
  });
});
