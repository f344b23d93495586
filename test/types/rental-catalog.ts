/** A small catalog constant as `fraiseql introspect` writes one: films, their languages and actors, and a document view. */
import type { Catalog } from "../../src/core/schema/catalog.ts";

export const catalog = {
  serverVersion: 180004,
  relations: [
    {
      schema: "public",
      name: "actor",
      kind: "table",
      columns: [
        { name: "actor_id", type: { kind: "base", name: "int4" }, notNull: true, identity: "always" },
        { name: "first_name", type: { kind: "base", name: "text" }, notNull: true },
        { name: "last_name", type: { kind: "base", name: "text" }, notNull: true },
        { name: "homepage", type: { kind: "base", name: "text" }, notNull: false },
        { name: "home", type: { kind: "composite", schema: "public", name: "address" }, notNull: false },
      ],
      keys: [{ name: "actor_pkey", columns: ["actor_id"], primary: true }],
      foreignKeys: [],
      rowSecurity: false,
    },
    {
      schema: "public",
      name: "film",
      kind: "table",
      comment: "Films that can be rented.",
      columns: [
        { name: "film_id", type: { kind: "base", name: "int4" }, notNull: true, identity: "always" },
        { name: "title", type: { kind: "base", name: "text" }, notNull: true, comment: "As on the poster." },
        {
          name: "release_year",
          type: { kind: "domain", schema: "public", name: "year", base: { kind: "base", name: "int4" } },
          notNull: false,
        },
        { name: "language_id", type: { kind: "base", name: "int2" }, notNull: true },
        { name: "rental_rate", type: { kind: "base", name: "numeric" }, notNull: true },
        { name: "score", type: { kind: "base", name: "float8" }, notNull: true },
        { name: "rating", type: { kind: "enum", schema: "public", name: "mpaa_rating" }, notNull: true },
        { name: "tags", type: { kind: "array", element: { kind: "base", name: "text" } }, notNull: false },
        {
          name: "shown",
          type: { kind: "range", schema: "pg_catalog", name: "daterange", subtype: { kind: "base", name: "date" } },
          notNull: false,
        },
        { name: "key", type: { kind: "base", name: "uuid" }, notNull: true },
      ],
      keys: [
        { name: "film_pkey", columns: ["film_id"], primary: true },
        { name: "film_key", columns: ["key"], primary: false },
      ],
      foreignKeys: [
        {
          name: "film_language_id_fkey",
          columns: ["language_id"],
          target: { schema: "public", name: "language" },
          targetColumns: ["language_id"],
          validated: true,
        },
      ],
      rowSecurity: false,
    },
    {
      schema: "public",
      name: "film_actor",
      kind: "table",
      columns: [
        { name: "film_id", type: { kind: "base", name: "int4" }, notNull: true },
        { name: "actor_id", type: { kind: "base", name: "int4" }, notNull: true },
      ],
      keys: [{ name: "film_actor_pkey", columns: ["film_id", "actor_id"], primary: true }],
      foreignKeys: [
        {
          name: "film_actor_film_id_fkey",
          columns: ["film_id"],
          target: { schema: "public", name: "film" },
          targetColumns: ["film_id"],
          validated: true,
        },
        {
          name: "film_actor_actor_id_fkey",
          columns: ["actor_id"],
          target: { schema: "public", name: "actor" },
          targetColumns: ["actor_id"],
          validated: true,
        },
      ],
      rowSecurity: false,
    },
    {
      schema: "public",
      name: "language",
      kind: "table",
      columns: [
        { name: "language_id", type: { kind: "base", name: "int4" }, notNull: true },
        { name: "name", type: { kind: "base", name: "text" }, notNull: true },
      ],
      keys: [{ name: "language_pkey", columns: ["language_id"], primary: true }],
      foreignKeys: [],
      rowSecurity: false,
    },
    {
      schema: "shop",
      name: "v_order",
      kind: "view",
      columns: [
        { name: "id", type: { kind: "base", name: "uuid" }, notNull: false },
        { name: "film_id", type: { kind: "base", name: "int4" }, notNull: false },
        { name: "data", type: { kind: "base", name: "jsonb" }, notNull: false },
      ],
      keys: [],
      foreignKeys: [],
      rowSecurity: false,
    },
  ],
  enums: [{ schema: "public", name: "mpaa_rating", labels: ["G", "PG", "PG-13"] }],
  composites: [
    {
      schema: "public",
      name: "address",
      attributes: [
        { name: "street", type: { kind: "base", name: "text" }, notNull: false },
        { name: "zip", type: { kind: "base", name: "text" }, notNull: false },
      ],
    },
  ],
  domains: [{ schema: "public", name: "year", base: { kind: "base", name: "int4" }, notNull: false }],
  functions: [
    {
      schema: "public",
      name: "fn_search_films",
      arguments: [
        { name: "words", type: { kind: "base", name: "text" }, hasDefault: false },
        { name: "at_most", type: { kind: "base", name: "int4" }, hasDefault: true },
      ],
      returns: { kind: "rows", relation: { schema: "public", name: "film" } },
      returnsSet: true,
      volatility: "stable",
      strict: true,
    },
    {
      schema: "public",
      name: "film_label",
      arguments: [{ name: null, type: { kind: "composite", schema: "public", name: "film" }, hasDefault: false }],
      returns: { kind: "value", type: { kind: "base", name: "text" } },
      returnsSet: false,
      volatility: "immutable",
      strict: true,
    },
    {
      schema: "public",
      name: "revenue",
      arguments: [{ name: null, type: { kind: "base", name: "date" }, hasDefault: false }],
      returns: { kind: "value", type: { kind: "base", name: "numeric" } },
      returnsSet: false,
      volatility: "stable",
      strict: true,
    },
    {
      schema: "public",
      name: "rent_film",
      arguments: [{ name: "film", type: { kind: "base", name: "int4" }, hasDefault: false }],
      returns: { kind: "void" },
      returnsSet: false,
      volatility: "volatile",
      strict: true,
    },
  ],
} as const satisfies Catalog;
