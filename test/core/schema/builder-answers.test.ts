/** Everything the builder can describe is answered by a real database. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { openDatabase } from "../../../src/adapters/postgres/database.ts";
import { introspect } from "../../../src/adapters/postgres/introspect/introspect.ts";
import { createOperations } from "../../../src/core/operations.ts";
import { database as createBuilder } from "../../../src/core/schema/builder/builder.ts";
import { catalogUsedBy } from "../../../src/core/schema/catalog-used.ts";
import { compareCatalogs } from "../../../src/core/schema/drift.ts";
import { answerQuery } from "../../../src/flows/answers/answer-query.ts";
import type { Database } from "../../../src/ports/database.ts";
import { type TestDatabase, testDatabase } from "../../support/postgres.ts";
import { catalog } from "../../types/rental-catalog.ts";
import { db, Film, parts, schema } from "../../types/rental-schema.ts";

const TABLES = `
  create type mpaa_rating as enum ('G', 'PG', 'PG-13');
  create type address as (street text, zip text);
  create domain year as int;
  create table language (language_id int primary key, name text not null);
  create table actor (actor_id int generated always as identity primary key, first_name text not null, last_name text not null,
    homepage text, home address);
  create table film (film_id int generated always as identity primary key, title text not null, release_year year,
    language_id int2 not null references language, rental_rate numeric not null, score float8 not null,
    rating mpaa_rating not null, tags text[], shown daterange, key uuid not null unique);
  create table film_actor (film_id int references film, actor_id int references actor, primary key (film_id, actor_id));
  create schema shop;
  create table shop.tb_order (id uuid primary key, film_id int, total numeric);
  create view shop.v_order as select id, film_id, jsonb_build_object('genre', 'action', 'total', total, 'notes', array['a', null],
    'lines', jsonb_build_array(jsonb_build_object('title', 'one', 'amount', 12.50))) as data from shop.tb_order;
  create function fn_search_films(words text, at_most int default 10) returns setof film stable strict language sql
    begin atomic select * from film where title ilike '%' || words || '%' order by film_id limit at_most; end;
  create function film_label(film) returns text immutable strict language sql return $1.title || '!';
  create function revenue(date) returns numeric stable strict language sql return 12.50;
  create function fn_wanted(wanted jsonb) returns text stable language sql return wanted::text;
  create function rent_film(film int) returns void language sql begin atomic; end;
  insert into language values (1, 'English');
  insert into actor (first_name, last_name, homepage, home) values ('Grace', 'Hopper', 'https://example.org', row('Main St', '1'));
  insert into film (title, release_year, language_id, rental_rate, score, rating, tags, shown, key) values
    ('Alien', 1979, 1, 2.99, 'NaN', 'PG-13', '{space,null}', '[2026-01-01,2026-02-01)', '0b6c1c5e-7f0a-4d8e-9a53-2f1d2c1f9a11'),
    ('Brazil', null, 1, 0.99, 8.5, 'G', null, null, '0b6c1c5e-7f0a-4d8e-9a53-2f1d2c1f9a12');
  insert into film_actor values (1, 1);
  insert into shop.tb_order values ('0b6c1c5e-7f0a-4d8e-9a53-2f1d2c1f9a13', 1, 99.90);`;

let server: TestDatabase;
let database: Database;

beforeAll(async () => {
  server = await testDatabase("described", TABLES);
  database = openDatabase({ url: server.url });
}, 60_000);
afterAll(async () => {
  await database?.close();
  await server?.drop();
});

async function answer(query: string, model = schema.model, variables?: Record<string, unknown>): Promise<unknown> {
  const { body } = await answerQuery({ operations: createOperations(model), database }, { query, variables });
  return JSON.parse(typeof body === "string" ? body : new TextDecoder().decode(body));
}

test("the description fits the database it was written for", async () => {
  expect(compareCatalogs(catalogUsedBy(schema.model, catalog), await introspect(database))).toEqual([]);
});

test("columns, enums, domains, composites, ranges, arrays, expressions and functions of the row", async () => {
  const query = `{
    film(filmId: 1) {
      title releaseYear rentalRate score rating tags shown { lower upper } key label
      language { name } actors { fullName homepage home { street zip } films { title } }
    }
  }`;
  expect(await answer(query)).toEqual({
    data: {
      film: {
        title: "Alien",
        releaseYear: 1979,
        rentalRate: "2.99",
        score: null,
        rating: "PG_13",
        tags: ["space", null],
        shown: { lower: "2026-01-01", upper: "2026-02-01" },
        key: "0b6c1c5e-7f0a-4d8e-9a53-2f1d2c1f9a11",
        label: "Alien!",
        language: { name: "English" },
        actors: [
          {
            fullName: "Grace Hopper",
            homepage: "https://example.org",
            home: { street: "Main St", zip: "1" },
            films: [{ title: "Alien" }],
          },
        ],
      },
    },
  });
});

test("documents with enums over text, lists, objects and relations, mixed with columns in one operation", async () => {
  const query = `{
    orders(where: { genre: { eq: ACTION }, film: { title: { startsWith: "Al" } } }) {
      id genre total notes lines { title amount } film { title orders { id } }
    }
  }`;
  const id = "0b6c1c5e-7f0a-4d8e-9a53-2f1d2c1f9a13";
  expect(await answer(query)).toEqual({
    data: {
      orders: [
        {
          id,
          genre: "ACTION",
          total: "99.90",
          notes: ["a", null],
          lines: [{ title: "one", amount: "12.50" }],
          film: { title: "Alien", orders: [{ id }] },
        },
      ],
    },
  });
});

test("computed fields can be filtered and ordered by", async () => {
  const model = db.schema(
    parts,
    db.change(Film, {}, (f) => ({ length: f.expression("Int")`char_length(${"title"})` })),
  ).model;
  const query = `{ films(where: { length: { gt: 5 } }) { title } actors(orderBy: [{ fullName: ASC }]) { fullName } }`;
  expect(await answer(query, model)).toEqual({
    data: { films: [{ title: "Brazil" }], actors: [{ fullName: "Grace Hopper" }] },
  });
});

test("an expression of another type than it was said to be is no broken JSON", async () => {
  const model = db.schema(
    parts,
    db.change(Film, {}, (f) => ({
      wrong: f.expression("Int")`${"title"}`,
      half: f.expression("Int")`${"rental_rate"}`,
    })),
  ).model;
  expect(await answer("{ films(limit: 1) { half } }", model)).toEqual({ data: { films: [{ half: 3 }] } });
  expect(await answer("{ films(limit: 1) { wrong } }", model)).toMatchObject({ errors: [expect.anything()] });
});

test("keys, functions, interfaces and unions as root fields", async () => {
  const query = `{
    filmByKey(key: "0B6C1C5E-7F0A-4D8E-9A53-2F1D2C1F9A12") { title }
    order(id: "0b6c1c5e-7f0a-4d8e-9a53-2f1d2c1f9a13") { total }
    searchFilms(words: "a", atMost: 1) { title }
    revenue(day: "2026-03-01")
    titled { __typename title }
    found { ... on Film { title } ... on Actor { lastName } }
  }`;
  expect(await answer(query)).toEqual({
    data: {
      filmByKey: { title: "Brazil" },
      order: { total: "99.90" },
      searchFilms: [{ title: "Alien" }],
      revenue: "12.50",
      titled: [
        { __typename: "Film", title: "Alien" },
        { __typename: "Film", title: "Brazil" },
      ],
      found: [{ title: "Alien" }, { title: "Brazil" }, { lastName: "Hopper" }],
    },
  });
});

test("an input type reaches its function as JSON, from the document and from a variable", async () => {
  const live = await introspect(database);
  const loose = createBuilder(live);
  const Wanted = loose.input("Wanted", {}, (i) => ({
    title: i.field("String"),
    rates: i.field("Decimal", { list: true }),
    least: i.field("Float"),
    more: i.field("JSON"),
  }));
  const model = loose.schema(
    loose.textEnum("Unused", { values: { A: "a" } }),
    Wanted,
    loose.query("wanted", { call: "fn_wanted", arguments: { wanted: { argument: "wanted", type: Wanted } } }),
  ).model;
  const written = '{ wanted(wanted: { title: "a\\"b", rates: ["2.990", 1], more: { deep: [1.10] } }) }';
  expect(await answer(written, model)).toEqual({
    data: { wanted: '{"more": {"deep": [1.10]}, "rates": ["2.990", "1"], "title": "a\\"b"}' },
  });
  const query =
    "query q($w: Wanted!, $t: String) { a: wanted(wanted: $w) b: wanted(wanted: { title: $t, least: null }) }";
  expect(await answer(query, model, { w: { least: 0.5, rates: null }, t: "x" })).toEqual({
    data: { a: '{"least": 0.5, "rates": null}', b: '{"least": null, "title": "x"}' },
  });
});

test("relations within relations, each with expressions of its own row", async () => {
  const query = "{ languages { films(orderBy: [{ filmId: DESC }]) { title language { name } actors { fullName } } } }";
  expect(await answer(query)).toEqual({
    data: {
      languages: [
        {
          films: [
            { title: "Brazil", language: { name: "English" }, actors: [] },
            { title: "Alien", language: { name: "English" }, actors: [{ fullName: "Grace Hopper" }] },
          ],
        },
      ],
    },
  });
});
