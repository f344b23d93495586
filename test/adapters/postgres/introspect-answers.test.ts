import { describe, expect, test } from "bun:test";
import { openDatabase } from "../../../src/adapters/postgres/database.ts";
import { introspect } from "../../../src/adapters/postgres/introspect/introspect.ts";
import { sampleDocuments } from "../../../src/adapters/postgres/introspect/sample-documents.ts";
import { createOperations } from "../../../src/core/operations.ts";
import { problemsOfModel } from "../../../src/core/schema/builder/check-model.ts";
import { modelFromCatalog } from "../../../src/core/schema/from-catalog/from-catalog.ts";
import type { Model } from "../../../src/core/schema/model.ts";
import { answerQuery } from "../../../src/flows/answers/answer-query.ts";
import { type TestDatabase, testDatabase } from "../../support/postgres.ts";
import { type SampleName, sampleAvailable, sampleDatabase } from "../../support/samples.ts";
import { wholeQueries } from "../../support/whole-queries.ts";
import { NASTY_ROWS } from "./nasty-rows.ts";
import { NASTY_SCHEMA } from "./nasty-schema.ts";

const LIMITS = { aliasesMax: 1_000_000, tokensMax: 1_000_000, depthMax: 20 };
const TIMEOUT_MS = 120_000;

type Result = {
  readonly model: Model;
  readonly notes: readonly string[];
  readonly answers: ReadonlyMap<string, unknown>;
  readonly errors: ReadonlyMap<string, unknown>;
};

/** Introspects the database and asks it for everything. */
async function askEverything({ url, drop }: TestDatabase): Promise<Result> {
  const database = openDatabase({ url, connectionsMax: 2 });
  try {
    const catalog = await introspect(database);
    const { model, notes } = modelFromCatalog(catalog, await sampleDocuments(database, catalog));
    expect(problemsOfModel(model)).toEqual([]);
    const operations = createOperations(model, { limits: { ...LIMITS } as never });
    const answers = new Map<string, unknown>();
    const errors = new Map<string, unknown>();
    for (const { name, query } of wholeQueries(operations.schema)) {
      const { body } = await answerQuery({ operations, database }, { query });
      const answer = JSON.parse(typeof body === "string" ? body : new TextDecoder().decode(body));
      answers.set(name, answer.data?.[name]);
      if (answer.errors) errors.set(name, answer.errors);
    }
    return { model, notes, answers, errors };
  } finally {
    await database.close();
    await drop();
  }
}

for (const [name, objects, queries] of [
  ["world", 8, 20],
  ["sakila", 15, 45],
  ["chinook", 11, 33],
] as const satisfies readonly (readonly [SampleName, number, number])[]) {
  describe.skipIf(!sampleAvailable(name))(`${name}, introspected and not edited`, () => {
    test(
      "answers every list with every field and relation",
      async () => {
        const { model, answers, errors } = await askEverything(await sampleDatabase(name));
        expect(Object.fromEntries(errors)).toEqual({});
        expect(model.objects.length).toBeGreaterThanOrEqual(objects);
        expect(answers.size).toBeGreaterThanOrEqual(queries);
        for (const query of model.queries.filter(({ kind }) => kind === "list"))
          expect(answers.get(query.name)).not.toEqual([]);
      },
      TIMEOUT_MS,
    );
  });
}

describe("a database of everything PostgreSQL allows, introspected and not edited", () => {
  test(
    "answers every list with every field and relation",
    async () => {
      const { answers, errors } = await askEverything(await testDatabase("nasty", NASTY_SCHEMA + NASTY_ROWS));
      expect(Object.fromEntries(errors)).toEqual({});
      expect(answers.size).toBeGreaterThan(100);
      const [row] = answers.get("everyTypes") as readonly unknown[];
      expect(row).toMatchObject({
        i8: "9007199254740993",
        n: "1.50",
        e: "PG_13",
        es: ["NC_17", null, "EMPTY"],
        p: 5,
        g: [1, null, 3],
        ps: [5],
        tv: "'a' 'b'",
        c: { x: 1.5, y: null, z: "2.25", m: "_1st" },
        r: { lower: 1, upper: 5, lowerInclusive: true, upperInclusive: false, isEmpty: false },
        dr: { lower: "2020-01-01", upper: null },
        tr: { id: 1 },
        mr: "{[1,2),[5,6)}",
        f8n: null,
        gen: 4,
        d0: 7,
      });
      const [ada] = answers.get("people") as readonly unknown[];
      expect(ada).toMatchObject({
        name: "Ada",
        initials: "A",
        boss: null,
        friends: [{ name: "Bob" }, { name: "" }],
        profile: { bio: "bio" },
      });
    },
    TIMEOUT_MS,
  );
});

describe.skipIf(!sampleAvailable("sakila"))("names of Sakila", () => {
  test(
    "are those a person would give",
    async () => {
      const { model, notes } = await askEverything(await sampleDatabase("sakila"));
      const film = model.objects.find(({ name }) => name === "Film");
      expect(film?.fields.filter(({ kind }) => kind === "relation").map(({ name }) => name)).toEqual([
        "language",
        "originalLanguage",
        "filmActors",
        "filmCategories",
        "inventories",
        "actors",
        "categories",
      ]);
      const language = model.objects.find(({ name }) => name === "Language");
      expect(language?.fields.slice(-2).map(({ name }) => name)).toEqual(["films", "filmsByOriginalLanguage"]);
      expect(model.queries.map(({ name }) => name)).toContain("staffList");
      expect(model.queries.map(({ name }) => name)).toContain("rentalByRentalDateAndInventoryIdAndCustomerId");
      expect(model.objects.some(({ name }) => name.startsWith("PaymentP2007"))).toBe(false);
      expect(notes.some((note) => note.startsWith("Key payment_pkey of Table public.payment is taken on trust"))).toBe(
        true,
      );
    },
    TIMEOUT_MS,
  );
});
