/** From a live database to the text of an artifact, with nothing written by hand in between. */
import { printSchema } from "graphql";
import { openDatabase } from "../adapters/postgres/database.ts";
import { introspect } from "../adapters/postgres/introspect.ts";
import { sampleDocuments } from "../adapters/postgres/sample-documents.ts";
import { digest } from "../adapters/web-crypto/digest.ts";
import { createOperations } from "../core/operations.ts";
import { catalogUsedBy } from "../core/schema/catalog-used.ts";
import { modelFromCatalog } from "../core/schema/from-catalog.ts";
import { sealArtifact } from "../core/schema/seal.ts";

export type CompiledDatabase = {
  /** The text of `schema.compiled.json`. */
  readonly artifact: string;
  /** A line for each name that had to give way and each thing that was left out. */
  readonly notes: readonly string[];
};

/** @throws FraiseqlError DATABASE_UNAVAILABLE when the database cannot be asked */
export async function compileDatabase(url: string): Promise<CompiledDatabase> {
  const database = openDatabase({ url });
  try {
    const catalog = await introspect(database);
    const { model, notes } = modelFromCatalog(catalog, await sampleDocuments(database, catalog));
    const sdl = printSchema(createOperations(model).schema);
    return { artifact: await sealArtifact({ model, catalog: catalogUsedBy(model, catalog), sdl }, digest), notes };
  } finally {
    await database.close();
  }
}
