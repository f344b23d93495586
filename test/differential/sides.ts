/** Opens a database for both sides: ours and the oracle. */

import { openDatabase } from "../../src/adapters/postgres/database.ts";
import { introspect } from "../../src/adapters/postgres/introspect/introspect.ts";
import { sampleDocuments } from "../../src/adapters/postgres/introspect/sample-documents.ts";
import { createOperations } from "../../src/core/operations.ts";
import { modelFromCatalog } from "../../src/core/schema/from-catalog/from-catalog.ts";
import type { Model } from "../../src/core/schema/model.ts";
import { newTally, type Sides } from "./comparison.ts";
import { openStore } from "./oracle/store.ts";

/** Small, so that lists run into it. */
const PAGE_ROWS_MAX = 300;
/** A few documents ask for more than a test can wait for; they are counted, not compared. */
const STATEMENT_TIMEOUT_MS = 3_000;

export async function openSides(
  url: string,
  extend = (model: Model): Model => model,
): Promise<Sides & { close(): Promise<void> }> {
  const database = openDatabase({ url, statementTimeoutMs: STATEMENT_TIMEOUT_MS });
  const catalog = await introspect(database);
  const model = extend(modelFromCatalog(catalog, await sampleDocuments(database, catalog)).model);
  const limits = { pageRowsMax: PAGE_ROWS_MAX, aliasesMax: 1_000, depthMax: 30, rootFieldsMax: 100 };
  const operations = createOperations(model, { limits, serverVersion: () => catalog.serverVersion });
  // The oracle asks one small question after the other, hundreds of them for a nested list.
  const asked = openDatabase({ url, waitersMax: 1_000_000, waitMs: 600_000, connectionsMax: 4 });
  const store = await openStore(asked, catalog, model);
  const close = async () => {
    await Promise.all([database.close(), asked.close()]);
  };
  return { operations, database, store, pageRowsMax: PAGE_ROWS_MAX, tally: newTally(), close };
}
