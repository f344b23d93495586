/** The routes over a small real database, for the tests in this folder. */
import { createApp } from "../../routes/app.ts";
import type { RouteParts } from "../../routes/route-parts.ts";
import { openBulkReader } from "../../src/adapters/postgres/bulk/bulk-reader.ts";
import { openDatabase } from "../../src/adapters/postgres/database.ts";
import { introspect } from "../../src/adapters/postgres/introspect/introspect.ts";
import { digest } from "../../src/adapters/web-crypto/digest.ts";
import { createOperations } from "../../src/core/operations.ts";
import { modelFromCatalog } from "../../src/core/schema/from-catalog/from-catalog.ts";
import { answerQuery } from "../../src/flows/answers/answer-query.ts";
import { exportTable } from "../../src/flows/exports/export-table.ts";
import { testDatabase } from "../support/postgres.ts";

const SETUP = `
  CREATE TABLE country (code text PRIMARY KEY, name text NOT NULL, area numeric);
  INSERT INTO country VALUES ('AD', 'Andorra', 468), ('CH', 'Schweiz · Suisse', 41285.0), ('MT', 'Malta', NULL);
`;

export type CountryApp = {
  readonly app: ReturnType<typeof createApp>;
  readonly url: string;
  close(): Promise<void>;
};

export async function countryApp(changes: Partial<RouteParts> = {}): Promise<CountryApp> {
  const { url, drop } = await testDatabase("routes", SETUP);
  const database = openDatabase({ url });
  const operations = createOperations(modelFromCatalog(await introspect(database)).model);
  const bulk = openBulkReader({ url });
  const exports = { operations, bulk, rowsMax: 1_000, digest };
  const app = createApp({
    answer: (request, caller) => answerQuery({ operations, database }, request, caller),
    table: (request, options) => exportTable(exports, request, options),
    ready: async () => void (await database.rows({ text: "select 1", values: [] })),
    report: () => undefined,
    bodyBytesMax: 2_000,
    showsGraphiql: true,
    shownSchema: () => operations.schema,
    allowedHosts: undefined,
    ...changes,
  });
  return {
    app,
    url,
    close: async () => {
      await Promise.all([database.close(), bulk.close()]);
      await drop();
    },
  };
}
