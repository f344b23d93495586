/** What HTTP makes of an operation that meets a null in a non-null field: partial data for JSON, an error for a table. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { openBulkReader } from "../../src/adapters/postgres/bulk/bulk-reader.ts";
import { openDatabase } from "../../src/adapters/postgres/database.ts";
import { introspect } from "../../src/adapters/postgres/introspect/introspect.ts";
import { digest } from "../../src/adapters/web-crypto/digest.ts";
import { createOperations } from "../../src/core/operations.ts";
import { modelFromCatalog } from "../../src/core/schema/from-catalog/from-catalog.ts";
import type { Model } from "../../src/core/schema/model.ts";
import { answerQuery } from "../../src/flows/answers/answer-query.ts";
import { exportTable } from "../../src/flows/exports/export-table.ts";
import { type CountryApp, countryApp } from "./country-app.ts";

const reported: unknown[] = [];
let home: CountryApp;
let promising: CountryApp;
const closing: (() => Promise<void>)[] = [];

/** Says that every country has an area; Malta's row has none. */
const withAreas = (model: Model): Model => ({
  ...model,
  objects: model.objects.map((object) => ({
    ...object,
    fields: object.fields.map((field) => (field.name === "area" ? { ...field, nullable: false } : field)),
  })),
});

beforeAll(async () => {
  home = await countryApp();
  const database = openDatabase({ url: home.url });
  const bulk = openBulkReader({ url: home.url });
  closing.push(
    () => database.close(),
    () => bulk.close(),
  );
  const operations = createOperations(withAreas(modelFromCatalog(await introspect(database)).model));
  promising = await countryApp({
    answer: (request, caller) => answerQuery({ operations, database }, request, caller),
    table: (request, options) => exportTable({ operations, bulk, rowsMax: 1_000, digest }, request, options),
    report: (error) => void reported.push(error),
  });
});
afterAll(async () => {
  for (const close of closing) await close();
  await promising.close();
  await home.close();
});

const ask = (query: string, accept: string): Promise<Response> =>
  Promise.resolve(
    promising.app.request("/graphql", {
      method: "POST",
      headers: { "content-type": "application/json", accept },
      body: JSON.stringify({ query }),
    }),
  );

test.each(["application/json", "application/graphql-response+json"])(
  "as %s it is a 200 with what is left of the data, and the log is told",
  async (accept) => {
    reported.length = 0;
    const response = await ask('{ malta: country(code: "MT") { area } andorra: country(code: "AD") { area } }', accept);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toStartWith(accept);
    expect(await response.json()).toEqual({
      errors: [
        {
          message: "Country.area is declared non-null, but the database holds a null there.",
          locations: [{ line: 1, column: 32 }],
          path: ["malta", "area"],
          extensions: { at: "Country.area", code: "NOT_NULL_VIOLATED" },
        },
      ],
      data: { malta: null, andorra: { area: "468" } },
    });
    expect(reported).toMatchObject([{ code: "NOT_NULL_VIOLATED" }]);
  },
);

test("data that is null as a whole is a 200 too, as GraphQL over HTTP says", async () => {
  const response = await ask("{ countries { area } }", "application/graphql-response+json");
  expect([response.status, await response.json()]).toMatchObject([
    200,
    { data: null, errors: [{ path: ["countries", 2, "area"] }] },
  ]);
});

test("a table with a null where there must be none stays an error", async () => {
  const response = await ask("{ countries { code area } }", "application/x-ndjson");
  expect(response.status).toBe(500);
  expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: "NOT_NULL_VIOLATED" } }] });
});
