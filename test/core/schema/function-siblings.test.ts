/** Connections, aggregates and groups beside the lists of functions: which there are, and what they are called. */
import { describe, expect, test } from "bun:test";
import { FraiseqlError } from "../../../src/core/errors.ts";
import { database } from "../../../src/core/schema/builder/builder.ts";
import type { Catalog, CatalogFunction } from "../../../src/core/schema/catalog.ts";
import { modelFromCatalog } from "../../../src/core/schema/from-catalog/from-catalog.ts";
import type { Model } from "../../../src/core/schema/model.ts";
import { writeSchema } from "../../../src/core/schema/write/write-schema.ts";

const INT = { kind: "base", name: "int4" } as const;
const ROWS: CatalogFunction["returns"] = { kind: "rows", relation: { schema: "public", name: "film" } };

function called(name: string, args: readonly string[], returns: CatalogFunction["returns"] = ROWS): CatalogFunction {
  return {
    schema: "public",
    name,
    arguments: args.map((each) => ({ name: each, type: INT, hasDefault: true })),
    returns,
    returnsSet: returns.kind !== "value",
    volatility: "stable",
    strict: false,
  };
}

const catalog: Catalog = {
  serverVersion: 180_000,
  relations: [
    {
      schema: "public",
      name: "film",
      kind: "table",
      columns: [{ name: "id", type: INT, notNull: true }],
      keys: [{ name: "film_pkey", columns: ["id"], primary: true }],
      foreignKeys: [],
      rowSecurity: false,
    },
  ],
  enums: [],
  composites: [],
  domains: [],
  functions: [
    called("fn_seen", ["by"]),
    called("fn_seen_groups", [], { kind: "value", type: INT }),
    called("fn_since", ["after", "having"]),
    called("fn_years", [], { kind: "table", columns: [{ name: "year", type: INT, notNull: false }] }),
  ],
};

const loose = database(catalog as Catalog);
const Film = loose.table("Film", { from: "film" }, (f) => ({ id: f.column("id") }));
const namesOf = ({ queries }: Model) => queries.map(({ name }) => name);

describe("from the catalog", () => {
  const { model, notes } = modelFromCatalog(catalog);

  test("they stand behind their list, and a name that a function has is not theirs", () => {
    expect(namesOf(model).slice(-10)).toEqual(
      "seen seenConnection seenAggregate seenGroups2 seenGroups since sinceAggregate years yearsAggregate yearsGroups".split(
        " ",
      ),
    );
    expect(notes).toContain("Query seenGroups is called seenGroups2, because seenGroups is taken.");
  });

  test("a note says which argument keeps one away", () => {
    expect(notes).toContain(
      "Query since has no connection: its argument after has the name of one of the connection itself.",
    );
    expect(notes).toContain("Query since has no groups: its argument having has the name of one of the groups itself.");
  });

  test("what is written says only what is not usual", () => {
    const names = { catalog: "./c.ts", generated: "./g.ts", builder: "fraiseql" };
    const { queries } = model;
    const fewer = { ...model, queries: queries.filter(({ name }) => name !== "yearsAggregate") };
    const { generated } = writeSchema(fewer, catalog, names);
    expect(generated).toContain(
      'db.query("seen", { call: "fn_seen", arguments: { by: "by" }, groups: "seenGroups2" })',
    );
    expect(generated).toContain('db.query("years", { call: "fn_years", aggregate: false })');
    expect(generated).toContain(
      'db.query("since", { call: "fn_since", arguments: { after: "after", having: "having" } })',
    );
  });
});

describe("from a description", () => {
  const queries = (name: string, options: object) =>
    namesOf(loose.schema([Film, loose.query(name, options as never)]).model);

  test("they have the usual names, the given ones, or are left out", () => {
    const call = { call: "fn_seen", arguments: { by: "by" } };
    expect(queries("seen", call)).toEqual(["seen", "seenConnection", "seenAggregate", "seenGroups"]);
    expect(queries("seen", { ...call, connection: false, aggregate: "howMany", groups: "kinds" })).toEqual([
      "seen",
      "howMany",
      "kinds",
    ]);
  });

  test("what may not be selected in one form may not be selected in another", () => {
    const query = loose.query("seen", { call: "fn_seen", requires: ["films:read"] } as never);
    const { model } = loose.schema([Film, query]);
    expect(model.queries.map((each) => each.requires)).toEqual(Array.from({ length: 4 }, () => ["films:read"]));
  });

  test.each([
    [
      "one by an argument in its way",
      { call: "fn_since", arguments: { after: "after" }, connection: "pages" },
      "q can have no connection: its argument after has the name of one of the connection itself",
    ],
    [
      "one beside a value",
      { call: "fn_seen_groups", aggregate: false },
      "q is no list, so there is no aggregate beside it",
    ],
  ])("%s is refused", (_, options, message) => {
    expect(() => queries("q", options)).toThrow(FraiseqlError);
    expect(() => queries("q", options)).toThrow(message);
  });
});
