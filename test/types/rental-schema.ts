/** A description that uses every kind of part, over the small catalog. It compiles, which is half of what it is for. */
import { database } from "../../src/core/schema/builder/builder.ts";
import { catalog } from "./rental-catalog.ts";

export const db = database(catalog);

export const Rating = db.enum("Rating", {
  from: "mpaa_rating",
  values: { G: "G", PG: "PG", PG_13: { label: "PG-13", description: "Not for children." } },
});
export const Genre = db.textEnum("Genre", { values: { ACTION: "action", DRAMA: "drama" } });
export const Titled = db.interface("Titled", { list: "titled" }, (i) => ({
  title: i.field("String", { nullable: false }),
}));
export const Address = db.composite("Address", { from: "address" }, (f) => ({
  street: f.column("street"),
  zip: f.column("zip"),
}));
export const Shown = db.range("DateRange", { from: "pg_catalog.daterange" }, (r) => ({
  lower: r.bound("lower"),
  upper: r.bound("upper"),
}));

export const Actor = db.table(
  "Actor",
  { from: "actor", one: "actor", list: { name: "actors", groups: false } },
  (f) => ({
    actorId: f.column("actor_id"),
    firstName: f.column("first_name"),
    lastName: f.column("last_name", { deprecated: "Use fullName." }),
    homepage: f.column("homepage", { type: "URL" }),
    home: f.column("home"),
    fullName: f.expression("String", { nullable: false })`${"first_name"} || ' ' || ${"last_name"}`,
    films: f.through("film_actor", { actor_id: "actor_id" }, "film", { film_id: "film_id" }),
  }),
);

export const Film = db.table(
  "Film",
  { from: "film", one: "film", by: { filmByKey: ["key"] }, list: "films", implements: [Titled] },
  (f) => ({
    filmId: f.column("film_id"),
    title: f.column("title"),
    releaseYear: f.column("release_year"),
    rentalRate: f.column("rental_rate", { requires: ["prices:read"] }),
    score: f.column("score"),
    rating: f.column("rating"),
    tags: f.column("tags"),
    shown: f.column("shown"),
    key: f.column("key", { type: "ID" }),
    label: f.call("film_label"),
    language: f.one("language", { language_id: "language_id" }),
    actors: f.through("film_actor", { film_id: "film_id" }, "actor", { actor_id: "actor_id" }),
    orders: f.many("shop.v_order", { film_id: "film_id" }),
  }),
);

export const Language = db.table("Language", { from: "language", list: "languages" }, (f) => ({
  languageId: f.column("language_id"),
  name: f.column("name"),
  films: f.many("film", { language_id: "language_id" }),
}));

export const OrderLine = db.json("OrderLine", {}, (d) => ({
  title: d.key("title", "String"),
  amount: d.key("amount", "Decimal"),
}));

export const Order = db.document(
  "Order",
  { from: "shop.v_order", one: "order", list: "orders", primaryKey: ["id"] },
  (d) => ({
    id: d.column("id", { nullable: false }),
    genre: d.key("genre", Genre),
    total: d.key("total", "Decimal", { nullable: false }),
    notes: d.key("notes", "String", { list: true }),
    lines: d.key("lines", OrderLine, { list: true, nullable: false }),
    film: d.one("film", { film_id: "film_id" }),
  }),
);

export const Found = db.union("Found", [Film, Actor], { list: "found" });

export const parts = [
  Rating,
  Genre,
  Titled,
  Address,
  Shown,
  Actor,
  Film,
  Language,
  OrderLine,
  Order,
  Found,
  db.query("searchFilms", { call: "fn_search_films", arguments: { words: "words", atMost: "at_most" } }),
  db.query("revenue", { call: "revenue", arguments: { day: 0 } }),
] as const;

export const schema = db.schema(parts);
