import { expect, test } from "bun:test";
import fc from "fast-check";
import { stem } from "../../../src/core/schema/from-catalog/links.ts";
import {
  camelName,
  entityName,
  enumValueName,
  fieldName,
  isGraphqlName,
  pascalName,
  RESERVED_FIELD_NAMES,
} from "../../../src/core/schema/naming.ts";
import { plural, singular } from "../../../src/core/schema/plural.ts";

test("any text gives valid names", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", minLength: 1, maxLength: 10 }), (text) => {
      const names = [camelName(text), pascalName(text), fieldName(text), enumValueName(text)];
      const isTaken =
        ["true", "false", "null"].includes(enumValueName(text)) || RESERVED_FIELD_NAMES.includes(fieldName(text));
      return names.every(isGraphqlName) && !isTaken;
    }),
    { numRuns: 1_000 },
  );
}, 30_000);

test("a combining mark alone is a name too", () => {
  expect(camelName("\u0301")).toBe("u301");
});

test("identifiers become camel and Pascal case", () => {
  const rows: readonly (readonly [string, string, string])[] = [
    ["film_actor", "filmActor", "FilmActor"],
    ["createdAt", "createdAt", "CreatedAt"],
    ["HTTPServer", "httpServer", "HttpServer"],
    ["INVOICE_LINE", "invoiceLine", "InvoiceLine"],
    ["2fa", "_2fa", "_2fa"],
    ["_id", "_id", "_Id"],
    ["__x", "_x", "_X"],
    ["Straße nach Łódź", "strasseNachLodz", "StrasseNachLodz"],
  ];
  for (const [identifier, camel, pascal] of rows)
    expect([camelName(identifier), pascalName(identifier)]).toEqual([camel, pascal]);
});

test("enum labels that are names stay as they are", () => {
  for (const label of ["G", "in_progress", "_x", "a__b"]) expect(enumValueName(label)).toBe(label);
  expect(["PG-13", "", "true", "1st", ">=", "ja, bitte", "-null;"].map(enumValueName)).toEqual([
    "PG_13",
    "EMPTY",
    "true_",
    "_1st",
    "u3e_u3d",
    "ja_bitte",
    "null_",
  ]);
});

test("prefixes of FraiseQL are no part of an entity's name", () => {
  expect(["tb_city", "v_city", "tv_city", "city", "v_", "tbx_city"].map(entityName)).toEqual([
    "city",
    "city",
    "city",
    "city",
    "v_",
    "tbx_city",
  ]);
});

test("plurals and singulars of the words tables are named after", () => {
  const pairs: Record<string, string> = {
    film: "films",
    category: "categories",
    address: "addresses",
    inventory: "inventories",
    country: "countries",
    city: "cities",
    language: "languages",
    track: "tracks",
    genre: "genres",
    invoiceLine: "invoiceLines",
    mediaType: "mediaTypes",
    status: "statuses",
    person: "people",
    child: "children",
    box: "boxes",
    house: "houses",
    analysis: "analyses",
    movie: "movies",
    day: "days",
    alias: "aliases",
    database: "databases",
    purchase: "purchases",
    bus: "buses",
    Person: "People",
    match: "matches",
    photo: "photos",
    clause: "clauses",
    lens: "lenses",
    branch: "branches",
    crisis: "crises",
    hero: "heroes",
    process: "processes",
    tax: "taxes",
  };
  for (const [one, many] of Object.entries(pairs)) {
    expect(plural(one)).toBe(many);
    expect(singular(many)).toBe(one);
    expect(singular(one)).toBe(one);
  }
  for (const word of ["staff", "media", "series", "news", "equipment", "sms"])
    expect([plural(word), singular(word)]).toEqual([word, word]);
});

test("a column of a foreign key says what it points to", () => {
  const rows: readonly (readonly [string, string, string])[] = [
    ["language_id", "language_id", "language"],
    ["original_language_id", "language_id", "originalLanguage"],
    ["fk_country", "pk_country", "country"],
    ["authorId", "id", "author"],
    ["country_code", "code", "country"],
    ["reports_to", "employee_id", "reportsTo"],
    ["id", "id", ""],
    ["code", "code", "code"],
  ];
  for (const [column, target, role] of rows) expect(stem(column, target)).toBe(role);
});
