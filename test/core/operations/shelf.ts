/** A small model without a database, for what is decided before a statement runs. */

import type { Catalog, CatalogColumn, PgType } from "../../../src/core/schema/catalog.ts";
import { modelFromCatalog } from "../../../src/core/schema/from-catalog/from-catalog.ts";
import type { Model } from "../../../src/core/schema/model.ts";

const base = (name: string): PgType => ({ kind: "base", name });
const column = (name: string, type: PgType, notNull = true): CatalogColumn => ({ name, type, notNull });

const CATALOG: Catalog = {
  serverVersion: 180004,
  relations: [
    {
      schema: "public",
      name: "author",
      kind: "table",
      rowSecurity: false,
      columns: [column("author_id", base("int4")), column("name", base("text"))],
      keys: [{ name: "author_pkey", columns: ["author_id"], primary: true }],
      foreignKeys: [],
    },
    {
      schema: "public",
      name: "book",
      kind: "table",
      rowSecurity: false,
      columns: [
        column("book_id", base("int4")),
        column("title", base("text")),
        column("price", base("numeric"), false),
        column("printed", base("timestamptz"), false),
        column("tags", { kind: "array", element: base("text") }),
        column("in_stock", base("bool")),
        column("genre", { kind: "enum", schema: "public", name: "genre" }, false),
        column("author_id", base("int4"), false),
      ],
      keys: [{ name: "book_pkey", columns: ["book_id"], primary: true }],
      foreignKeys: [
        {
          name: "book_author",
          columns: ["author_id"],
          target: { schema: "public", name: "author" },
          targetColumns: ["author_id"],
          validated: true,
        },
      ],
    },
  ],
  enums: [{ schema: "public", name: "genre", labels: ["poem", "long tale"] }],
  composites: [],
  domains: [],
  functions: [],
};

export const shelf = (): Model => modelFromCatalog(CATALOG).model;
