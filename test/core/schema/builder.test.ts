import { describe, expect, test } from "bun:test";
import { printSchema } from "graphql";
import { FraiseqlError } from "../../../src/core/errors.ts";
import { buildSchema } from "../../../src/core/graphql/schema.ts";
import { database, type Schema } from "../../../src/core/schema/builder/builder.ts";
import type { Catalog } from "../../../src/core/schema/catalog.ts";
import { catalog } from "../../types/rental-catalog.ts";
import { Actor, db, Film, Found, Language, Order, parts, Rating, schema } from "../../types/rental-schema.ts";

/** Types are the compiler's affair; here everything is tried as it comes. */
const loose = database(catalog as Catalog);

function problems(describe_: () => unknown): readonly string[] {
  try {
    describe_();
  } catch (error) {
    if (!(error instanceof FraiseqlError) || error.code !== "SCHEMA_INVALID") throw error;
    return (error.details["problems"] as { message: string }[]).map(({ message }) => message);
  }
  return [];
}

const object = ({ model }: Schema, name: string) => model.objects.find((each) => each.name === name);
const field = (from: Schema, name: string, of: string) => object(from, name)?.fields.find((each) => each.name === of);
const queryNames = ({ model }: Schema) => model.queries.map(({ name }) => name);

describe("a description becomes a model", () => {
  test("columns take their type, nullability and comment from the catalog", () => {
    expect(field(schema, "Film", "title")).toEqual({
      kind: "scalar",
      name: "title",
      description: "As on the poster.",
      type: "String",
      list: false,
      nullable: false,
      value: { from: "column", column: "title", type: { kind: "base", name: "text" }, notNull: true },
    });
    expect(field(schema, "Film", "releaseYear")).toMatchObject({ type: "Int", nullable: true });
    expect(field(schema, "Film", "score")).toMatchObject({ type: "Float", nullable: true });
    expect(field(schema, "Film", "tags")).toMatchObject({ type: "String", list: true });
    expect(field(schema, "Film", "rating")).toMatchObject({ kind: "scalar", type: "Rating" });
    expect(field(schema, "Film", "shown")).toMatchObject({ kind: "embedded", type: "DateRange" });
    expect(field(schema, "Actor", "home")).toMatchObject({ kind: "embedded", type: "Address" });
    expect(object(schema, "Film")?.description).toBe("Films that can be rented.");
  });

  test("relations find the object over the other relation and are certain only where the database proves it", () => {
    expect(field(schema, "Film", "language")).toMatchObject({ type: "Language", cardinality: "one", nullable: false });
    expect(field(schema, "Order", "film")).toMatchObject({ type: "Film", cardinality: "one", nullable: true });
    expect(field(schema, "Film", "actors")).toMatchObject({
      type: "Actor",
      cardinality: "many",
      local: ["film_id"],
      foreign: ["actor_id"],
      through: { relation: { schema: "public", name: "film_actor" }, local: ["film_id"], foreign: ["actor_id"] },
    });
  });

  test("expressions keep their text apart from their columns", () => {
    expect(field(schema, "Actor", "fullName")).toMatchObject({
      nullable: false,
      value: {
        from: "expression",
        texts: ["", " || ' ' || ", ""],
        columns: ["first_name", "last_name"],
        type: { kind: "base", name: "text" },
      },
    });
  });

  test("documents have keys, native columns and relations", () => {
    expect(object(schema, "Order")?.source).toEqual({
      kind: "document",
      relation: { schema: "shop", name: "v_order" },
      column: "data",
    });
    expect(field(schema, "Order", "notes")).toMatchObject({
      list: true,
      value: { from: "document", key: "notes", type: { kind: "array", element: { kind: "base", name: "text" } } },
    });
    expect(field(schema, "Order", "lines")).toMatchObject({ kind: "embedded", type: "OrderLine", list: true });
    expect(object(schema, "Order")?.keys).toEqual([
      { columns: [{ column: "id", type: { kind: "base", name: "uuid" } }], primary: true },
    ]);
  });

  test("a key that may be null finds a row, and leaves cursors and node ids to the others", () => {
    const Titled = loose.table(
      "Titled",
      { from: "film", by: { titledByYear: ["release_year"] }, list: "titled", nullableKeys: [["release_year"]] },
      (f) => ({ releaseYear: f.column("release_year") }),
    );
    const made = loose.schema([Titled]);
    expect(object(made, "Titled")?.keys).toMatchObject([
      { columns: [{ column: "release_year" }], primary: false, nullable: true },
    ]);
    expect(printSchema(buildSchema(made.model))).not.toContain("nodeId");
    expect(printSchema(buildSchema(made.model))).toContain("titledByYear(releaseYear: Int!): Titled");
  });

  test("root fields come from `one`, `by` and `list`, and functions by what they return", () => {
    expect(queryNames(schema)).toEqual([
      ..."titled actors actor actorsConnection actorsAggregate films film filmByKey filmsConnection filmsAggregate filmsGroups".split(
        " ",
      ),
      ..."languages languagesConnection languagesAggregate languagesGroups orders order ordersConnection ordersAggregate".split(
        " ",
      ),
      ..."ordersGroups found searchFilms searchFilmsConnection searchFilmsAggregate searchFilmsGroups revenue".split(
        " ",
      ),
    ]);
    expect(schema.model.queries.find(({ name }) => name === "filmByKey")).toMatchObject({
      kind: "one",
      type: "Film",
      key: 1,
    });
    expect(schema.model.queries.find(({ name }) => name === "searchFilms")).toMatchObject({
      kind: "function-rows",
      type: "Film",
      set: true,
      arguments: [
        { name: "words", type: "String", nullable: false, pgName: "words" },
        { name: "atMost", type: "Int", nullable: true, pgName: "at_most" },
      ],
    });
    expect(schema.model.queries.find(({ name }) => name === "revenue")).toMatchObject({
      kind: "function-value",
      type: "Decimal",
      arguments: [{ name: "day", type: "Date", pgName: null }],
    });
  });

  test("permissions, descriptions and deprecations are kept", () => {
    expect(field(schema, "Film", "rentalRate")).toMatchObject({ requires: ["prices:read"] });
    expect(field(schema, "Actor", "lastName")).toMatchObject({ deprecated: "Use fullName." });
    const sdl = printSchema(buildSchema(schema.model));
    expect(sdl).toContain('lastName: String! @deprecated(reason: "Use fullName.")');
    expect(sdl).toContain("type Film implements Node & Titled {");
    expect(sdl).toContain("union Found = Film | Actor");
    expect(sdl).toContain('"""Not for children."""\n  PG_13');
  });
});

describe("changes of parts that stand elsewhere", () => {
  test("replace what they name and keep the rest", () => {
    const changed = db.schema(
      parts,
      db.change(
        Film,
        {
          name: "Movie",
          fields: {
            title: { description: null },
            releaseYear: { name: "year" },
            score: false,
            rentalRate: { requires: [] },
          },
          list: "movies",
        },
        (f) => ({ shout: f.expression("String")`upper(${"title"})` }),
      ),
    );
    expect(problems(() => changed)).toEqual([]);
    expect(field(changed, "Movie", "title")).toEqual({
      kind: "scalar",
      name: "title",
      type: "String",
      list: false,
      nullable: false,
      value: { from: "column", column: "title", type: { kind: "base", name: "text" }, notNull: true },
    });
    expect(field(changed, "Movie", "year")).toMatchObject({ value: { column: "release_year" } });
    expect(field(changed, "Movie", "score")).toBeUndefined();
    expect(field(changed, "Movie", "shout")).toMatchObject({ type: "String" });
    expect(field(changed, "Movie", "rentalRate")).toMatchObject({ requires: [] });
    // Everything that led to it leads to it under its new name.
    expect(field(changed, "Actor", "films")).toMatchObject({ type: "Movie" });
    expect(changed.model.unions).toEqual([{ name: "Found", members: ["Movie", "Actor"] }]);
    expect(queryNames(changed)).toContain("moviesConnection");
    expect(queryNames(changed)).not.toContain("films");
    expect(queryNames(changed)).toContain("film");
  });

  test("a changed column can be left out of a key only with the key", () => {
    const changed = db.schema(parts, db.change(Film, { fields: { filmId: false }, one: false }));
    expect(object(changed, "Film")?.keys.map(({ primary }) => primary)).toEqual([false]);
    expect(problems(() => db.schema(parts, db.change(Film, { fields: { filmId: false } })))).toEqual([
      "the root field film asks for one Film by film_id: these must be the columns of a key, and each must be shown by a field",
    ]);
  });

  test("a part that is left out takes the relations to it along", () => {
    const without = db.schema(parts, db.omit(Language), db.omit(Found));
    expect(field(without, "Film", "language")).toBeUndefined();
    expect(without.model.unions).toEqual([]);
    expect(queryNames(without)).not.toContain("languages");
  });

  test("an enum's values can be renamed", () => {
    const changed = db.schema(parts, db.changeEnum(Rating, { values: { PG_13: { name: "TEENS" } } }));
    expect(changed.model.enums[0]?.values).toContainEqual({
      name: "TEENS",
      label: "PG-13",
      description: "Not for children.",
    });
  });
});

describe("what is wrong is refused, with a suggestion", () => {
  const table = (fields: Parameters<typeof loose.table>[2]) => () => loose.table("Movie", { from: "film" }, fields);

  test.each([
    [
      "a misspelt relation",
      () => loose.table("Movie", { from: "flim" }, () => ({})),
      'the catalog has no relation "flim"; did you mean "film"?',
    ],
    [
      "a misspelt column",
      table((f) => ({ a: f.column("titel") })),
      'film has no column "titel"; did you mean "title"?',
    ],
    [
      "a misspelt option",
      table((f) => ({ a: f.column("title", { descripton: "" } as never) })),
      'column title has no option "descripton"; did you mean "description"?',
    ],
    [
      "a wrong type",
      table((f) => ({ a: f.column("title", { type: "Int" }) })),
      "film.title (text) cannot be shown as Int; possible: String, ID, EmailAddress, URL, PhoneNumber, CountryCode, CurrencyCode",
    ],
    [
      "a relation without columns",
      table((f) => ({ a: f.one("language", {}) })),
      "a relation from film to language needs at least one pair of equal columns",
    ],
    [
      "a function of another row",
      table((f) => ({ a: f.call("revenue") })),
      "function revenue does not take a row of film as its only argument",
    ],
    [
      "a missing label",
      () => loose.enum("R", { from: "mpaa_rating", values: { G: "G", PG: "PG" } }),
      'R has no value for "PG-13" of mpaa_rating',
    ],
    [
      "a function that writes",
      () => loose.query("rent", { call: "rent_film", arguments: { film: "film" } }),
      "function rent_film is volatile, and a query may not write; declare it STABLE or IMMUTABLE if it only reads",
    ],
    [
      "an input type where no JSON is taken",
      () =>
        loose.query("search", {
          call: "fn_search_films",
          arguments: { words: { argument: "words", type: loose.input("W", {}, (i) => ({ a: i.field("Int") })) } },
        }),
      "argument words (text) cannot take W; an input type is given to a function as json or jsonb",
    ],
    [
      "a missing argument",
      () => loose.query("search", { call: "fn_search_films" }),
      "function fn_search_films takes other arguments than those given; it takes (words, at_most)",
    ],
    [
      "a document that is none",
      () => loose.document("D", { from: "film", column: "title" }, () => ({})),
      "film.title is text; a document is jsonb or json",
    ],
    [
      "an object that is not there",
      () => loose.schema(table((f) => ({ language: f.one("language", { language_id: "language_id" }) }))()),
      "Movie.language leads to language, over which there is no object",
    ],
    [
      "two parts of one name",
      () =>
        loose.schema(
          parts,
          loose.table("Film", { from: "film" }, () => ({})),
        ),
      "there are two parts named Film; to change one, use `db.change`",
    ],
  ])("%s", (_, describe_, message) => {
    expect(problems(describe_)[0]).toContain(message);
  });

  test.each([
    ["a comment", (f: never) => expression(f)`lower(${"title"}) -- or not`, "holds an SQL comment"],
    [
      "a second statement",
      (f: never) => expression(f)`1); drop table film; select (1`,
      "closes a bracket it did not open",
    ],
    ["a semicolon", (f: never) => expression(f)`1; select 2`, "holds a semicolon"],
    ["an open quote", (f: never) => expression(f)`'${"title"}'`, "columns cannot stand inside quotes"],
    ["a parameter", (f: never) => expression(f)`$1 || ${"title"}`, "holds the parameter $1"],
    ["an open bracket", (f: never) => expression(f)`lower(${"title"}`, "does not close every bracket"],
    ["nothing", (f: never) => expression(f)` `, "is empty"],
    ["a hidden quote", (f: never) => expression(f)`E'\\'' || ${"title"}`, "write it without"],
  ])("an expression with %s", (_, make, message) => {
    expect(problems(() => loose.table("Movie", { from: "film" }, (f) => ({ a: make(f as never) })))[0]).toContain(
      message,
    );
  });

  test("an expression may hold brackets and semicolons inside quotes", () => {
    expect(
      problems(() =>
        loose.table("M", { from: "film" }, (f) => ({ a: f.expression("String")`concat(${"title"}, ';)--', $$ ' $$)` })),
      ),
    ).toEqual([]);
  });

  test("all problems of the whole schema come at once", () => {
    const Bad = loose.table("Int", { from: "actor", list: "actors" }, (f) => ({
      and: f.column("first_name"),
      a: f.column("last_name"),
      "b-c": f.column("homepage"),
    }));
    const Clash = loose.table("Film", { from: "film_actor", list: "actors" }, (f) => ({ filmId: f.column("film_id") }));
    const Where = loose.textEnum("FilmWhere", { values: { true: "yes" } });
    expect(problems(() => loose.schema(Bad, Clash, Where))).toEqual([
      "the type name Int is taken: it is a scalar",
      "the type name FilmWhere is taken: it is made for Film",
      "Int.and: the field name and is taken; try and_",
      '"Int.b-c" is not a GraphQL name: letters, digits and _, no digit first, no __ at the start',
      "FilmWhere: no enum value may be named true",
      "there are two root fields named actors",
      "there are two root fields named actorsConnection",
      "there are two root fields named actorsAggregate",
      "there are two root fields named actorsGroups",
    ]);
  });

  test("a promise of an interface must be kept, also in type and null", () => {
    const Named = db.interface("Named", {}, (i) => ({ name: i.field("String", { nullable: false }) }));
    const Page = db.table("Page", { from: "actor", list: "pages", implements: [Named] }, (f) => ({
      name: f.column("homepage"),
    }));
    expect(problems(() => loose.schema(Named, Page))).toEqual(["Page.name must be String!, as Named says"]);
  });

  test("a problem carries the stack of the part that has it", () => {
    const Bad = loose.table("Float", { from: "actor", list: "floats" }, (f) => ({ name: f.column("first_name") }));
    try {
      loose.schema(Bad);
    } catch (error) {
      const { problems: found } = (error as FraiseqlError).details as { problems: { stack: string }[] };
      expect(found[0]?.stack).toContain("builder.test.ts");
      return;
    }
    throw new Error("it was accepted");
  });
});

/** An expression over films whose text the compiler is not asked about. */
function expression(f: never) {
  return (
    f as { expression: (type: string) => (texts: TemplateStringsArray, ...columns: string[]) => never }
  ).expression("String");
}

test("documents can hold themselves by name", () => {
  const Comment = db.json("Comment", {}, (d) => ({
    text: d.key("text", "String"),
    replies: d.key("replies", { named: "Comment" }, { list: true }),
  }));
  const made = db.schema(
    parts,
    Comment,
    db.change(Order, {}, (d) => ({ comments: d.key("comments", Comment, { list: true }) })),
  );
  expect(field(made, "Comment", "replies")).toMatchObject({ kind: "embedded", type: "Comment", list: true });
  expect(object(made, "Actor")?.name).toBe(Actor.name);
});
