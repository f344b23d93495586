/** A small model with a source of every kind, whose names in the database can be replaced by any others. */
import type { Catalog, CatalogColumn, PgType } from "../../src/core/schema/catalog.ts";
import { modelFromCatalog } from "../../src/core/schema/from-catalog/from-catalog.ts";
import type { Model } from "../../src/core/schema/model.ts";

const base = (name: string): PgType => ({ kind: "base", name });
const named = (name: string) => ({ schema: "the_schema", name });
const column = (name: string, type: PgType, notNull = false): CatalogColumn => ({ name, type, notNull });
const mood: PgType = { kind: "enum", ...named("the_mood") };
const place: PgType = { kind: "composite", ...named("the_place") };
const window: PgType = { kind: "range", ...named("the_window"), subtype: base("timestamptz") };
const title: PgType = { kind: "domain", ...named("the_title"), base: base("text") };

const CATALOG: Catalog = {
  serverVersion: 180_000,
  enums: [{ ...named("the_mood"), labels: ["first_mood", "second mood"] }],
  composites: [
    { ...named("the_place"), attributes: [column("place_street", base("text")), column("place_mood", mood)] },
  ],
  domains: [{ ...named("the_title"), base: base("text"), notNull: false }],
  relations: [
    {
      ...named("tb_book"),
      kind: "table",
      rowSecurity: false,
      columns: [
        column("book_id", base("int4"), true),
        column("book_title", title),
        column("book_mood", mood, true),
        column("book_moods", { kind: "array", element: mood }),
        column("book_price", base("numeric")),
        column("sold_at", base("timestamptz")),
        column("book_doc", base("jsonb")),
        column("book_place", place),
        column("book_window", window),
        column("shelf_code", base("text")),
      ],
      keys: [{ name: "book_pkey", columns: ["book_id"], primary: true }],
      foreignKeys: [
        {
          name: "book_fkey",
          columns: ["shelf_code"],
          target: named("tb_shelf"),
          targetColumns: ["code_of"],
          validated: true,
        },
      ],
    },
    {
      ...named("tb_shelf"),
      kind: "table",
      rowSecurity: false,
      columns: [column("code_of", base("text"), true), column("shelf_height", base("int4"))],
      keys: [{ name: "shelf_pkey", columns: ["code_of"], primary: true }],
      foreignKeys: [],
    },
    {
      ...named("tb_reader"),
      kind: "table",
      rowSecurity: false,
      columns: [column("reader_id", base("uuid"), true), column("reader_name", base("text"))],
      keys: [{ name: "reader_pkey", columns: ["reader_id"], primary: true }],
      foreignKeys: [],
    },
    {
      ...named("tb_loan"),
      kind: "table",
      rowSecurity: false,
      columns: [column("loan_book", base("int4"), true), column("loan_reader", base("uuid"), true)],
      keys: [{ name: "loan_pkey", columns: ["loan_book", "loan_reader"], primary: true }],
      foreignKeys: [
        {
          name: "loan_book_fkey",
          columns: ["loan_book"],
          target: named("tb_book"),
          targetColumns: ["book_id"],
          validated: true,
        },
        {
          name: "loan_reader_fkey",
          columns: ["loan_reader"],
          target: named("tb_reader"),
          targetColumns: ["reader_id"],
          validated: true,
        },
      ],
    },
    {
      ...named("v_card"),
      kind: "view",
      rowSecurity: false,
      columns: [column("card_id", base("int4")), column("data", base("jsonb"))],
      keys: [],
      foreignKeys: [],
    },
  ],
  functions: [
    {
      ...named("fn_books_near"),
      arguments: [{ name: "near_to", type: base("text"), hasDefault: false }],
      returns: { kind: "rows", relation: named("tb_book") },
      returnsSet: true,
      volatility: "stable",
      strict: false,
    },
    {
      ...named("fn_say_mood"),
      arguments: [{ name: "said_mood", type: mood, hasDefault: true }],
      returns: { kind: "value", type: mood },
      returnsSet: false,
      volatility: "stable",
      strict: false,
    },
  ],
};

const DOCUMENTS = [
  {
    relation: named("v_card"),
    column: "data",
    fields: [
      { key: "card_text", value: { kind: "scalar", type: base("text"), list: false } },
      { key: "card_numbers", value: { kind: "scalar", type: { kind: "array", element: base("int4") }, list: true } },
      {
        key: "card_inner",
        value: {
          kind: "object",
          list: false,
          fields: [{ key: "inner_date", value: { kind: "scalar", type: base("date"), list: false } }],
        },
      },
      {
        key: "card_parts",
        value: {
          kind: "object",
          list: true,
          fields: [{ key: "part_json", value: { kind: "scalar", type: base("jsonb"), list: false } }],
        },
      },
    ],
  },
] as const;

export const LIBRARY: Model = modelFromCatalog(CATALOG, DOCUMENTS).model;

/** Every name of the database in the model: all strings at places that come from it. */
const PLACES = new Set(["column", "schema", "name", "columns", "local", "foreign", "key", "pgName", "label"]);

export type Renaming = ReadonlyMap<string, string>;

/** Names of the database in the order of their first appearance; those of PostgreSQL itself are left alone. */
export function databaseNames(model: Model): readonly string[] {
  const names = new Set<string>();
  visit(model, (text) => {
    names.add(text);
    return text;
  });
  return [...names];
}

/** The same API over a database where everything has another name. */
export function renamed(model: Model, names: Renaming): Model {
  return visit(model, (text) => names.get(text) ?? text) as Model;
}

/** Calls `name` for each name of the database and gives the model with its results. */
function visit(value: unknown, name: (text: string) => string, place = "", inName = false): unknown {
  if (typeof value === "string") {
    const isApiName = place === "name" && !inName;
    return PLACES.has(place) && !isApiName ? name(value) : value;
  }
  if (Array.isArray(value)) return value.map((item) => visit(item, name, place, inName));
  if (typeof value !== "object" || value === null) return value;
  // A qualified name has a schema; types of PostgreSQL itself have none.
  const qualified = "schema" in value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, visit(item, name, key, qualified)]));
}
