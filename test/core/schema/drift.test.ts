import { beforeAll, describe, expect, test } from "bun:test";
import { openDatabase } from "../../../src/adapters/postgres/database.ts";
import { introspect } from "../../../src/adapters/postgres/introspect/introspect.ts";
import type { Catalog } from "../../../src/core/schema/catalog.ts";
import { catalogUsedBy } from "../../../src/core/schema/catalog-used.ts";
import { compareCatalogs } from "../../../src/core/schema/drift.ts";
import { modelFromCatalog } from "../../../src/core/schema/from-catalog/from-catalog.ts";
import { runSql, testDatabase } from "../../support/postgres.ts";

const SCHEMA = `
create type mood as enum ('calm', 'wild');
create domain small as int2;
create type pair as (a int, b int);
create table owner (id int primary key, name text not null, email text unique not null, chip text unique);
create table pet (
  id int primary key, owner_id int not null references owner, mood mood, name varchar(20) not null, weight small, span pair, doc jsonb, unused int,
  since date not null default '2020-01-01'
);
create function pets_of(owner int, most int default 3) returns setof pet stable language sql as $$ select * from pet $$;
create function pet_named(variadic names text[]) returns pet stable language sql as $$ select pet from pet where name = any (names) limit 1 $$;
create function owner_title(owner) returns text stable language sql as $$ select 'x' $$;
create view heavy as select id, weight from pet;
`;

/** Each change of the database, what is said of it, and whether answers would be wrong. */
const CHANGES: readonly (readonly [string, readonly (readonly [string, boolean])[]])[] = [
  ["select 1", []],
  ["alter table pet drop column unused", [["The column unused of table public.pet is gone", true]]],
  ["create table more (id int); alter table owner add more int; comment on table owner is 'x'", []],
  ["drop view heavy", [["The view public.heavy is gone, or the role may not use it.", true]]],
  ["alter table owner rename name to title", [["The column name of table public.owner is gone", true]]],
  ["alter table owner alter name drop not null", [["The column name of table public.owner may be null now.", true]]],
  [
    "alter table owner alter name type varchar(10)",
    [["The column name of table public.owner has the type varchar, not text.", false]],
  ],
  [
    "alter table owner alter id type bigint",
    [["The column id of table public.owner has the type int8, not int4.", true]],
  ],
  ["alter table pet alter doc type json", [["The column doc of table public.pet has the type json, not jsonb.", true]]],
  [
    "alter table owner drop constraint owner_email_key",
    [["The table public.owner is no longer unique by email.", true]],
  ],
  ["alter table owner alter email drop not null", [["The column email of table public.owner may be null now.", true]]],
  ["alter table owner drop constraint owner_chip_key", [["The table public.owner is no longer unique by chip.", true]]],
  [
    "alter table owner drop constraint owner_chip_key, add unique (chip) deferrable",
    [["The key (chip) of table public.owner is deferrable now, so no upsert can go by it.", false]],
  ],
  [
    "alter table owner alter chip set not null",
    [["A new row of table public.owner has to give the column chip now.", false]],
  ],
  ["alter table owner alter chip set not null, alter chip set default 'x'", []],
  [
    "alter table owner add more int not null",
    [["A new row of table public.owner has to give the column more now, which the API does not have.", true]],
  ],
  ["alter table owner add more int not null default 1", []],
  ["alter table owner add more int not null generated always as identity", []],
  [
    "alter table pet alter since drop default",
    [["A new row of table public.pet has to give the column since now.", false]],
  ],
  [
    "alter table pet drop constraint pet_owner_id_fkey",
    [["The foreign key (owner_id) of table public.pet to public.owner is gone.", true]],
  ],
  ["alter table owner enable row level security", [["The table public.owner has row security now.", true]]],
  ["alter table pet enable row level security", [["The table public.pet has row security now.", false]]],
  ["alter type mood add value 'shy'", [['The enum public.mood has the new label "shy"', true]]],
  [
    "alter type mood rename value 'wild' to 'bold'",
    [
      ['no label "wild" any more', false],
      ['the new label "bold"', true],
    ],
  ],
  ["alter type pair drop attribute b", [["The column b of type public.pair is gone", true]]],
  ["alter function pets_of volatile", [["The function public.pets_of(int4, int4) is volatile, not stable.", true]]],
  [
    "drop function pets_of; create function pets_of(owner bigint) returns setof pet stable language sql as 'select * from pet'",
    [["The function public.pets_of(int4, int4) is gone", true]],
  ],
  [
    "drop function pets_of; create function pets_of(owner int, most int) returns setof pet stable language sql as 'select * from pet'",
    [["has no default for argument 2", true]],
  ],
  [
    "drop function owner_title; create function owner_title(owner) returns int stable language sql as 'select 1'",
    [["returns int4, not text", true]],
  ],
  [
    "drop function pet_named; create function pet_named(names text[]) returns pet stable language sql as 'select pet from pet'",
    [["takes argument 1 as one value, not as VARIADIC", true]],
  ],
  ["alter table owner rename to keeper", [["The table public.owner is gone", true]]],
];

async function catalogAfter(change: string): Promise<Catalog> {
  const { url, drop } = await testDatabase("drift", SCHEMA);
  await runSql(url, change);
  const database = openDatabase({ url, connectionsMax: 1 });
  try {
    return await introspect(database);
  } finally {
    await database.close();
    await drop();
  }
}

const TIMEOUT_MS = 60_000;
let before: Catalog;
beforeAll(async () => {
  before = await catalogAfter("select 1");
}, TIMEOUT_MS);

describe("a database that was changed after compiling", () => {
  for (const [change, expected] of CHANGES) {
    const says = expected.length === 0 ? "no difference" : expected.map(([what]) => what).join(" and ");
    test(
      `${change} gives ${says}`,
      async () => {
        const used = catalogUsedBy(modelFromCatalog(before).model, before);
        const differences = compareCatalogs(used, await catalogAfter(change));
        for (const [what, wrong] of expected) {
          expect(differences).toContainEqual({ what: expect.stringContaining(what), mend: expect.any(String), wrong });
        }
        if (expected.length === 0) expect(differences).toEqual([]);
      },
      TIMEOUT_MS,
    );
  }
});

test(
  "a table that no mutation adds rows to may ask new rows for more",
  async () => {
    const { model } = modelFromCatalog(before);
    const reading = { ...model, mutations: model.mutations?.filter(({ kind }) => !/insert|upsert/.test(kind)) ?? [] };
    const live = await catalogAfter("alter table owner add more int not null");
    expect(compareCatalogs(catalogUsedBy(reading, before), live)).toEqual([]);
  },
  TIMEOUT_MS,
);

test(
  "the catalog of a model holds what it uses and nothing else",
  async () => {
    const catalog = await catalogAfter(
      "create type unused_enum as enum ('x'); create table apart (id int primary key)",
    );
    const { model } = modelFromCatalog(catalog);
    const pets = {
      ...model,
      objects: model.objects.filter(({ name }) => ["Pet", "Owner", "Pair"].includes(name)),
      queries: [],
    };
    const used = catalogUsedBy(pets, catalog);
    expect(used.relations.map(({ name }) => name)).toEqual(["owner", "pet"]);
    expect(used.enums.map(({ name }) => name)).toEqual(["mood"]);
    expect(used.composites.map(({ name }) => name)).toEqual(["pair"]);
    expect(used.functions.map(({ name }) => name)).toEqual(["owner_title"]);
  },
  TIMEOUT_MS,
);
