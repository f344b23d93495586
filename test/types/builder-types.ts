/**
 * What the compiler must refuse. Every `@ts-expect-error` is a test: if the line below it compiles, `tsc` fails. Nothing
 * here is run; `npm run types` is what checks it.
 */

import type { JoinColumns, RelationOf } from "../../src/core/schema/builder/inferred-types.ts";
import type { RowFields } from "../../src/core/schema/builder/row-fields.ts";
import type { catalog } from "./rental-catalog.ts";
import { Actor, db, Film, Genre, Language, Rating, Titled } from "./rental-schema.ts";

type FilmFields = RowFields<typeof catalog, RelationOf<typeof catalog, "film">>;

export function columns(f: FilmFields) {
  f.column("title");
  // @ts-expect-error there is no such column
  f.column("titel");
  // @ts-expect-error a column of another relation
  f.column("first_name");
  f.column("title", { type: "EmailAddress" });
  f.column("title", { type: Genre });
  // @ts-expect-error text is no Int
  f.column("title", { type: "Int" });
  // @ts-expect-error a domain over int4 is no String
  f.column("release_year", { type: "String" });
  // @ts-expect-error an Int is written as a number in JSON, an ID is a string
  f.column("film_id", { type: "ID" });
  f.column("key", { type: "ID" });
  // @ts-expect-error numeric is Decimal
  f.column("rental_rate", { type: "Float" });
  f.column("rating", { type: "String" });
  // @ts-expect-error an enum is shown by its own type or as text
  f.column("rating", { type: "Int" });
  // @ts-expect-error there is no such option
  f.column("title", { descripton: "misspelt" });
}

export function relations(f: FilmFields) {
  f.one("language", { language_id: "language_id" });
  // @ts-expect-error there is no such relation
  f.one("languages", { language_id: "language_id" });
  // @ts-expect-error no such column here
  f.one("language", { lang_id: "language_id" });
  // @ts-expect-error no such column there
  f.one("language", { language_id: "id" });
  // @ts-expect-error int2 and text cannot be equal
  f.one("language", { language_id: "name" });
  f.many("shop.v_order", { film_id: "film_id" });
  // @ts-expect-error the relation lies in the schema shop
  f.many("v_order", { film_id: "film_id" });
  // @ts-expect-error the middle has no such column
  f.through("film_actor", { film_id: "movie_id" }, "actor", { actor_id: "actor_id" });
  // @ts-expect-error the far end has no such column
  f.through("film_actor", { film_id: "film_id" }, "actor", { actor_id: "id" });
}

export function computed(f: FilmFields) {
  f.expression("String")`upper(${"title"})`;
  // @ts-expect-error there is no such column
  f.expression("String")`upper(${"titel"})`;
  // @ts-expect-error there is no such scalar
  f.expression("Text")`upper(${"title"})`;
  f.call("film_label");
  // @ts-expect-error it does not take a row of film
  f.call("revenue");
}

export function objects() {
  // @ts-expect-error there is no such relation
  db.table("Movie", { from: "movie" }, (f) => ({ title: f.column("title") }));
  // @ts-expect-error the key names a column that is not there
  db.table("Movie", { from: "film", by: { movieByCode: ["code"] } }, (f) => ({ title: f.column("title") }));
  // @ts-expect-error so does a key that may be null
  db.table("Movie", { from: "film", nullableKeys: [["code"]] }, (f) => ({ title: f.column("title") }));
  // @ts-expect-error there is no such option
  db.table("Movie", { from: "film", lists: "movies" }, (f) => ({ title: f.column("title") }));
  // @ts-expect-error the interface promises a title
  db.table("Movie", { from: "film", implements: [Titled] }, (f) => ({ filmId: f.column("film_id") }));
  // @ts-expect-error the interface promises a title that is a String
  db.table("Movie", { from: "film", implements: [Titled] }, (f) => ({ title: f.column("film_id") }));
  // @ts-expect-error there is no such composite type
  db.composite("Place", { from: "adress" }, () => ({}));
  // @ts-expect-error no column has that range type
  db.range("Numbers", { from: "pg_catalog.int4range" }, () => ({}));
  // @ts-expect-error the document has no such native column
  db.document("Sale", { from: "shop.v_order" }, (d) => ({ id: d.column("order_id") }));
  // @ts-expect-error there is no such scalar
  db.document("Sale", { from: "shop.v_order" }, (d) => ({ total: d.key("total", "Money") }));
}

export function others() {
  // @ts-expect-error the enum has no such label
  db.enum("Rated", { from: "mpaa_rating", values: { G: "G", PG: "PG", PG_13: "PG13" } });
  // @ts-expect-error members are objects
  db.union("Things", [Film, Rating]);
  // @ts-expect-error there is no such function
  db.query("search", { call: "fn_search_film" });
  // @ts-expect-error the function has no such argument
  db.query("search", { call: "fn_search_films", arguments: { words: "word" } });
  // @ts-expect-error the argument has no name, only a position
  db.query("sold", { call: "revenue", arguments: { day: "day" } });
}

export function changes() {
  db.change(Film, { fields: { title: { description: "Its name.", requires: ["films:read"] }, score: false } });
  // @ts-expect-error there is no such field
  db.change(Film, { fields: { titel: false } });
  // @ts-expect-error title is a String
  db.change(Film, { fields: { title: { type: "Int" } } });
  db.change(Actor, { name: "Person" }, (f) => ({ initials: f.expression("String")`left(${"first_name"}, 1)` }));
  // @ts-expect-error added fields are over the object's own relation
  db.change(Actor, {}, (f) => ({ title: f.column("title") }));
  // @ts-expect-error there is no such option
  db.change(Language, { descripton: "misspelt" });
}

type Text<Name> = {
  readonly name: Name;
  readonly type: { readonly kind: "base"; readonly name: "text" };
  readonly notNull: true;
};
type Odd = { readonly columns: readonly [Text<"id">, Text<"toString">] };

/** A column may have a name that every object has already. */
export const joins: readonly JoinColumns<Odd, Odd>[] = [
  { id: "toString" },
  { toString: "id" },
  // @ts-expect-error no such column there
  { toString: "name" },
];
