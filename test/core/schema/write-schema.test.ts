import { describe, expect, test } from "bun:test";
import { modelFromCatalog } from "../../../src/core/schema/from-catalog/from-catalog.ts";
import { call, literal, object, print, text } from "../../../src/core/schema/write/code.ts";
import { writeSchema } from "../../../src/core/schema/write/write-schema.ts";
import { catalog } from "../../types/rental-catalog.ts";

const written = writeSchema(modelFromCatalog(catalog).model, catalog, {
  catalog: "./schema.catalog.ts",
  generated: "./schema.generated.ts",
  builder: "fraiseql",
});

describe("the description of a database", () => {
  test("says only what the builder does not know by itself", () => {
    expect(written.generated).toContain(
      [
        "export const Film = db.table(",
        '  "Film",',
        '  { from: "film", one: "film", by: { filmByKey: ["key"] }, list: "films", mutations: true },',
        "  (f) => ({",
        '    filmId: f.column("film_id"),',
        '    title: f.column("title"),',
        '    releaseYear: f.column("release_year"),',
        '    languageId: f.column("language_id"),',
        '    rentalRate: f.column("rental_rate"),',
        '    score: f.column("score"),',
        '    rating: f.column("rating"),',
        '    tags: f.column("tags"),',
        '    shown: f.column("shown"),',
        '    key: f.column("key"),',
        '    language: f.one("language", { language_id: "language_id" }),',
        '    filmActors: f.many("film_actor", { film_id: "film_id" }),',
        '    actors: f.through("film_actor", { film_id: "film_id" }, "actor", { actor_id: "actor_id" }),',
        '    label: f.call("film_label"),',
        "  }),",
        ");",
      ].join("\n"),
    );
    expect(written.generated).toContain(
      'export const MpaaRating = db.enum("MpaaRating", { from: "mpaa_rating", values: { G: "G", PG: "PG", PG_13: "PG-13" } });',
    );
  });

  test("exports everything in the order of the model", () => {
    expect(written.generated).toMatch(/export const generated = \[\n? *MpaaRating,\s+Actor,\s+Film,/);
  });

  test("leaves a file to the author that holds an example from the database", () => {
    expect(written.authored).toBe(
      [
        'import { db, generated } from "./schema.generated.ts";',
        "",
        "/**",
        " * The API. This file is yours; the one it imports is written from the database by `fraiseql introspect`, each time",
        " * anew. What shall be different goes here, as further arguments, for example:",
        " *",
        ' *   db.change(Actor, { fields: { actorId: { description: "…" } } }),',
        " *   db.omit(Actor),",
        " */",
        "export const schema = db.schema(generated);",
        "",
      ].join("\n"),
    );
  });
});

describe("code is printed as the formatter prints it", () => {
  const long = "x".repeat(60);

  test("on one line where it fits, otherwise one entry a line", () => {
    expect(print(literal({ a: 1, "b-c": [true, null] }), 0, 0, 0)).toBe('{ a: 1, "b-c": [true, null] }');
    expect(print(literal({ a: long, b: [long] }), 0, 0, 0)).toBe(`{\n  a: "${long}",\n  b: ["${long}"],\n}`);
  });

  test("with the last argument broken by itself if the others fit", () => {
    expect(
      print(
        call(
          "f",
          text("a"),
          object([
            ["b", text(long)],
            ["c", text(long)],
          ]),
        ),
        0,
        0,
        1,
      ),
    ).toBe(`f("a", {\n  b: "${long}",\n  c: "${long}",\n})`);
  });

  test("with one argument a line if they do not", () => {
    const code = call("f", text(long), object([["from", text(long)]]), {
      parameter: "f",
      body: object([["a", "f.b()"]]),
    });
    expect(print(code, 0, 0, 1)).toBe(`f(\n  "${long}",\n  { from: "${long}" },\n  (f) => ({\n    a: f.b(),\n  }),\n)`);
  });

  test("with a long text below its key, and in the quotes that need fewer escapes", () => {
    expect(print(literal({ a: long + long }), 0, 0, 0)).toBe(`{\n  a:\n    "${long}${long}",\n}`);
    expect(text('say "hello"')).toBe(`'say "hello"'`);
    expect(text("it's")).toBe(`"it's"`);
    expect(text("a\n`$" + "{b}`")).toBe('"a\\n`$' + '{b}`"');
  });
});
