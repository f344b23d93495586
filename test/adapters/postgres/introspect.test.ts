import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { buildSchema as parseSdl, printSchema } from "graphql";
import { openDatabase } from "../../../src/adapters/postgres/database.ts";
import { introspect } from "../../../src/adapters/postgres/introspect/introspect.ts";
import { buildSchema } from "../../../src/core/graphql/schema.ts";
import { problemsOfModel } from "../../../src/core/schema/builder/check-model.ts";
import type { Catalog, CatalogRelation } from "../../../src/core/schema/catalog.ts";
import { modelFromCatalog } from "../../../src/core/schema/from-catalog/from-catalog.ts";
import type { Model, ObjectType } from "../../../src/core/schema/model.ts";
import type { Database } from "../../../src/ports/database.ts";
import { runSql, type TestDatabase, testDatabase } from "../../support/postgres.ts";
import { NASTY_SCHEMA } from "./nasty-schema.ts";

let server: TestDatabase;
let database: Database;
let catalog: Catalog;
let model: Model;
let notes: readonly string[];
const leftOut: string[] = [];

beforeAll(async () => {
  server = await testDatabase("nasty", NASTY_SCHEMA);
  database = openDatabase({ url: server.url, connectionsMax: 2 });
  catalog = await introspect(database, { notes: leftOut });
  ({ model, notes } = modelFromCatalog(catalog));
}, 60_000);
afterAll(async () => {
  await database?.close();
  await server?.drop();
});

const relation = (name: string, schema = "public"): CatalogRelation => {
  const found = catalog.relations.find((each) => each.schema === schema && each.name === name);
  if (!found) throw new Error(`no relation ${name}`);
  return found;
};
const column = (table: string, name: string) => relation(table).columns.find((each) => each.name === name);
const object = (name: string): ObjectType => {
  const found = model.objects.find((each) => each.name === name);
  if (!found) throw new Error(`no object ${name}`);
  return found;
};
/** `name: Type!` for each field, as the API shows it. */
const shown = (name: string): readonly string[] =>
  object(name).fields.map((field) => {
    const list = field.kind === "relation" ? field.cardinality === "many" : field.list;
    return `${field.name}: ${list ? `[${field.type}]` : field.type}${field.nullable ? "" : "!"}`;
  });

describe("the catalog", () => {
  test("partitions are their table, and a matview, a view and tables without columns or keys are there", () => {
    expect(catalog.relations.some(({ name }) => name === "event_2020")).toBe(false);
    expect(relation("event").kind).toBe("table");
    expect(relation("a_matview").kind).toBe("materialized-view");
    expect(relation("a_view").kind).toBe("view");
    expect(relation("no_columns").columns).toEqual([]);
    expect(relation("no_keys").keys).toEqual([]);
  });

  test("a column is not null only where PostgreSQL enforces it", () => {
    expect(column("every_type", "e")?.notNull).toBe(true);
    expect(column("every_type", "rt")?.notNull).toBe(true);
    expect(column("every_type", "t")?.notNull).toBe(false);
    expect(relation("a_view").columns.map(({ notNull }) => notNull)).toEqual([false, false]);
  });

  test("generated, identity and default columns are told apart", () => {
    expect(column("every_type", "gen")).toMatchObject({ generated: "stored" });
    expect(column("every_type", "id")).toMatchObject({ identity: "always", notNull: true });
    expect(column("every_type", "di")).toMatchObject({ identity: "default" });
    expect(column("every_type", "d0")).toMatchObject({ hasDefault: true });
    expect(column("every_type", "gen")?.hasDefault).toBeUndefined();
  });

  test("keys leave out partial and expression indexes, and say where columns may be null", () => {
    expect(relation("key_types").keys).toEqual([
      { name: "key_types_pkey", columns: ["r"], primary: true },
      { name: "key_types_u_key", columns: ["u"], primary: false },
      { name: "key_types_v_key", columns: ["v"], primary: false, nullable: true },
    ]);
    // A materialised view promises no NOT NULL.
    expect(relation("a_matview").keys).toEqual([
      { name: "a_matview_one_idx", columns: ["one"], primary: false, nullable: true },
    ]);
  });

  test("a key of a table with heirs of more columns is none, and the foreign key of a NOT VALID constraint proves nothing", () => {
    expect(relation("city").keys).toEqual([]);
    expect(relation("capital").columns.map(({ name }) => name)).toEqual(["id", "name", "state"]);
    expect(relation("address").foreignKeys.map(({ columns, validated }) => [columns.join(), validated])).toEqual([
      ["country", true],
      ["country_not_valid", false],
    ]);
  });

  test("a foreign key to a partitioned table is there once", () => {
    expect(relation("event_note").foreignKeys.map(({ target, columns }) => [target.name, columns])).toEqual([
      ["event", ["event_id", "event_at"]],
    ]);
  });

  test("types without a rule are other types, and a list in a list stays text", () => {
    expect(column("every_type", "tv")?.type).toEqual({ kind: "other", schema: "pg_catalog", name: "tsvector" });
    expect(column("every_type", "ee")?.type).toMatchObject({ kind: "other" });
    expect(column("every_type", "nn")?.type).toMatchObject({ kind: "other" });
    expect(column("every_type", "gs")?.type).toEqual({
      kind: "array",
      element: { kind: "other", schema: "public", name: "grid" },
    });
    expect(column("every_type", "ct")?.type).toEqual({ kind: "base", name: "citext" });
  });

  test("the constructors that came with a range type are none of its functions", () => {
    expect(catalog.functions.map(({ name }) => name).filter((name) => /^float_/.test(name))).toEqual([]);
  });

  test("functions that cannot be called with values are left out", () => {
    const names = new Set(catalog.functions.map(({ name }) => name));
    for (const name of ["anything", "on_change", "my_sum", "untyped", "citext_eq"]) expect(names.has(name)).toBe(false);
    expect(names.has("writes")).toBe(true);
    expect(catalog.functions.find(({ name }) => name === "totals")?.returns).toMatchObject({ kind: "table" });
  });

  test("a note says why a function is left out, and triggers and aggregates are none", () => {
    expect(leftOut.toSorted()).toEqual([
      "Function public.anything is left out: it is polymorphic, or an argument is of a type without values.",
      "Function public.untyped is left out: it returns records and does not say with which columns.",
    ]);
    expect(notes.filter((note) => /^Function .* is left out/.test(note)).toSorted()).toEqual([
      "Function public.nothing_back is left out: it returns nothing.",
      "Function public.numbers is left out: it returns a set of bare values; let it return a table.",
      "Function public.span is left out: it returns a range.",
      "Function public.writes is left out: it is volatile and no mutation; declare it STABLE or IMMUTABLE if it only reads.",
    ]);
  });

  test("a variadic argument is a list", () => {
    expect(model.queries.find(({ name }) => name === "many")).toMatchObject({
      kind: "function-value",
      arguments: [{ name: "arg1", type: "Int", list: true, nullable: false, pgName: null, variadic: true }],
    });
  });

  test("only the schemas that were asked for are read", async () => {
    const some = await introspect(database, { schemas: ["sales"] });
    expect(some.relations.map(({ schema, name }) => `${schema}.${name}`)).toEqual(["sales.film"]);
  });

  test("a role sees what it may read", async () => {
    const role = `reader_${crypto.randomUUID().slice(0, 8)}`;
    await runSql(
      server.url,
      `create role ${role} login password 'x'; grant select (id, name) on person to ${role}; grant select on tenant to ${role}`,
    );
    const url = new URL(server.url);
    url.username = role;
    url.password = "x";
    const own = openDatabase({ url: url.toString(), connectionsMax: 1 });
    try {
      const read = await introspect(own);
      expect(read.relations.map(({ name, columns }) => [name, columns.map((each) => each.name)])).toEqual([
        ["person", ["id", "name"]],
        ["tenant", ["id"]],
      ]);
    } finally {
      await own.close();
      await runSql(server.url, `drop owned by ${role}; drop role ${role}`);
    }
  });

  test("reading it twice gives the same bytes", async () => {
    expect(JSON.stringify(await introspect(database))).toBe(JSON.stringify(catalog));
  });
});

describe("the model of it", () => {
  test("is a valid model and a valid GraphQL schema", () => {
    expect(problemsOfModel(model)).toEqual([]);
    const sdl = printSchema(buildSchema(model));
    expect(() => parseSdl(sdl)).not.toThrow();
  });

  test("columns of any name have a field, and those whose name it is already keep it", () => {
    const names = new Map(
      object("WeirdTableName").fields.map((field) => [
        field.kind !== "relation" && field.value.from === "column" ? field.value.column : "",
        field.name,
      ]),
    );
    expect(Object.fromEntries(names)).toMatchObject({
      select: "select",
      and: "and_",
      or: "or_",
      not: "not_",
      nodeId: "nodeId_",
      __typename: "_typename",
      "2fast": "_2fast",
      ünïcödé: "unicode",
      日本: "u65e5U672c",
      "😀": "u1f600",
      "!!": "u21U21",
      " ": "u20",
      name: "name",
      _private: "_private",
    });
    expect(new Set(names.values()).size).toBe(names.size);
    expect([names.get("a b"), names.get("a-b"), names.get("a_b")].sort()).toEqual(["aB", "aB2", "aB3"]);
    expect(notes).toContain('Column Name of Table public.weird "table" name is called name2, because name is taken.');
  });

  test("types whose names clash give way by rule", () => {
    const nameOf = (schema: string, table: string) =>
      model.objects.find(
        ({ source }) =>
          source.kind === "columns" && source.relation.schema === schema && source.relation.name === table,
      )?.name;
    expect(nameOf("public", "film")).toBe("Film");
    expect(nameOf("public", "films")).toBe("Films");
    expect(nameOf("sales", "film")).toBe("SalesFilm");
    expect(nameOf("public", "film_where")).not.toBe("FilmWhere");
    expect(nameOf("public", "query")).not.toBe("Query");
    expect(nameOf("public", "node")).not.toBe("Node");
    expect(nameOf("public", "string")).not.toBe("String");
    expect(nameOf("public", "2020")).toBe("_2020");
    expect(nameOf("public", "no_columns")).toBeUndefined();
  });

  test("enum labels that are no names keep their value", () => {
    const mood = model.enums.find(({ name }) => name === "Mood");
    expect(mood?.description).toBe("How it feels.");
    expect(mood?.values.map(({ name, label }) => [label, name])).toEqual([
      ["PG-13", "PG_13"],
      ["NC-17", "NC_17"],
      ["true", "true_"],
      ["", "EMPTY"],
      ["1st", "_1st"],
      ["+", "u2b"],
      ["-", "u2d"],
      ["a b", "a_b2"],
      ["a_b", "a_b"],
      ["__x", "x"],
      ["ß", "ss"],
    ]);
  });

  test("every type is shown", () => {
    expect(shown("EveryType")).toEqual([
      "id: BigInt!",
      "i2: Int",
      "i4: Int",
      "i8: BigInt",
      "n: Decimal",
      "f4: Float",
      "f8: Float",
      "b: Boolean",
      "t: String",
      "vc: String",
      "ch: String",
      "ct: String",
      "nm: String",
      "u: UUID",
      "tz: DateTime",
      "ts: LocalDateTime",
      "d: Date",
      "tm: Time",
      "ttz: TimeWithZone",
      "iv: Duration",
      "js: JSON",
      "jb: JSON",
      "by: Bytes",
      "ip: IP",
      "ci: CIDR",
      "ma: MAC",
      "tv: String",
      "pt: String",
      "mo: String",
      "bits: String",
      "x: String",
      "onechar: String",
      "e: Mood!",
      "ee: String",
      "es: [Mood]",
      "p: Int",
      "rt: String!",
      "g: [Int]",
      "gs: [String]",
      "ps: [Int]",
      "c: Point3",
      "cs: [Point3]",
      "nn: String",
      "r: IntRange",
      "rs: [IntRange]",
      "mr: String",
      "dr: DateRange",
      "fs: FloatSpan",
      "tr: FilmValue",
      "m2: [Int]!",
      "f8n: Float",
      "gen: Int",
      "d0: Int",
      "di: Int!",
    ]);
    expect(shown("Point3")).toEqual(["x: Float", "y: Float", "z: Decimal", "m: Mood"]);
  });

  test("a key over a range or a list is left out with a note, one over a number is there", () => {
    expect(object("KeyType").keys.map(({ columns }) => columns.map(({ column }) => column))).toEqual([["u"], ["v"]]);
    expect(object("KeyFloat").keys.map(({ columns }) => columns.map(({ column }) => column))).toEqual([["f"]]);
    expect(notes.filter((note) => note.includes("no plain value"))).toHaveLength(2);
  });

  test("a key that nulls defeat finds a row, but gives no cursors", () => {
    const kinds = (type: string) => model.queries.flatMap((each) => (each.type === type ? [each.kind] : []));
    expect(
      model.queries.flatMap((each) => (each.kind === "one" && each.type === "KeyType" ? [each.name] : [])),
    ).toEqual(["keyTypeByU", "keyTypeByV"]);
    expect(kinds("KeyType")).toContain("connection");
    expect(kinds("AMatview")).toEqual(["list", "one", "aggregate", "groups"]);
  });

  test("relations lead both ways and over junction tables", () => {
    expect(shown("Person")).toEqual([
      "id: Int!",
      "bossId: Int",
      "name: String!",
      "boss: Person",
      "friendshipsByFriend: [Friendship]!",
      "friendships: [Friendship]!",
      "peopleByBoss: [Person]!",
      "profile: Profile",
      "people: [Person]!",
      "friends: [Person]!",
      "initials: String",
    ]);
    const friends = object("Person").fields.find(({ name }) => name === "friends");
    expect(friends).toMatchObject({
      local: ["id"],
      foreign: ["id"],
      through: { relation: { schema: "public", name: "friendship" }, local: ["person_id"], foreign: ["friend_id"] },
    });
  });

  test("a junction without a primary key is known by its other key", () => {
    expect(object("Ingredient").fields.find(({ type }) => type === "Recipe")).toMatchObject({
      local: ["id"],
      foreign: ["id"],
      through: { relation: { schema: "public", name: "_IngredientToRecipe" }, local: ["A"], foreign: ["B"] },
    });
    expect(object("Recipe").fields.find(({ type }) => type === "Ingredient")).toMatchObject({
      through: { relation: { schema: "public", name: "_IngredientToRecipe" }, local: ["B"], foreign: ["A"] },
    });
  });

  test("composite keys are named by the columns that tell them apart, and make a junction together", () => {
    expect(shown("Doc")).toEqual([
      "tenantId: Int!",
      "id: Int!",
      "authorId: Int!",
      "editorId: Int",
      "author: Author!",
      "editor: Author",
      "tenant: Tenant!",
      "docTags: [DocTag]!",
      "tags: [Tag]!",
    ]);
    expect(object("Doc").fields.find(({ name }) => name === "tags")).toMatchObject({
      local: ["tenant_id", "id"],
      through: { local: ["tenant_id", "doc_id"], foreign: ["tenant_id", "tag_id"] },
    });
  });

  test("a relation is certain only where its target cannot be missing or hidden", () => {
    expect(shown("Address")).toEqual([
      "id: Int!",
      "country: String!",
      "countryNotValid: String!",
      "countryByCountry: Country!",
      "countryNotValidCountry: Country",
    ]);
    expect(shown("ToSecret")).toEqual(["id: Int!", "secretId: Int!", "secret: Secret"]);
    expect(shown("Twice")).toEqual(["id: Int!", "filmId: Int", "film: Film"]);
  });

  test("functions that read are queries, and those over a row are fields of it", () => {
    const queries = new Map(model.queries.map((query) => [query.name, query]));
    expect(queries.get("search")).toMatchObject({ kind: "function-rows", type: "Person", set: false });
    expect(queries.get("searchByTextAndPLimitAndLimit2")).toMatchObject({ kind: "function-rows", set: true });
    expect(queries.get("totals")).toMatchObject({ kind: "function-rows", type: "TotalsRow", set: false });
    expect(queries.get("listing")).toMatchObject({
      type: "ListingRow",
      set: true,
      arguments: [
        { name: "arg1", pgName: null },
        { name: "arg2", pgName: null },
      ],
    });
    expect(queries.get("oneNumber")).toMatchObject({
      kind: "function-value",
      type: "Decimal",
      description: "A number.",
      arguments: [{ name: "valuesIn", type: "Int", list: true }],
    });
    expect(queries.get("moods")).toMatchObject({ kind: "function-value", type: "Mood", list: true });
    expect(queries.get("origin")).toMatchObject({ kind: "function-rows", type: "Point3" });
    for (const name of ["writes", "numbers", "span", "nothingBack", "personInitials"])
      expect(queries.has(name)).toBe(false);
    expect(object("Film").fields.find(({ name }) => name === "fullSpan")).toMatchObject({
      kind: "embedded",
      type: "Point3",
    });
  });

  test("comments are descriptions", () => {
    expect(object("Person").description).toBe('A "person" with \\ and """ and\na second line');
    expect(object("Person").fields.find(({ name }) => name === "name")?.description).toBe("The name.");
  });
});
