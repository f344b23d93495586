/** Describing, compiling and checking, put together with a live database: what the authoring commands need. */
import { printSchema } from "graphql";
import { openDatabase } from "../adapters/postgres/database.ts";
import { introspect } from "../adapters/postgres/introspect/introspect.ts";
import { sampleDocuments } from "../adapters/postgres/introspect/sample-documents.ts";
import { digest } from "../adapters/web-crypto/digest.ts";
import { createOperations } from "../core/operations.ts";
import type { Schema } from "../core/schema/builder/builder.ts";
import type { Catalog } from "../core/schema/catalog.ts";
import { catalogUsedBy } from "../core/schema/catalog-used.ts";
import type { Difference } from "../core/schema/drift.ts";
import { modelFromCatalog } from "../core/schema/from-catalog/from-catalog.ts";
import type { Model } from "../core/schema/model.ts";
import { openArtifact, sealArtifact } from "../core/schema/seal.ts";
import { artifactDifferences } from "./artifact-differences.ts";

export type DatabaseReading = {
  readonly catalog: Catalog;
  readonly model: Model;
  /** A line for each name that had to give way and each thing that was left out. */
  readonly notes: readonly string[];
};

/**
 * @param schemas names of PostgreSQL schemas; all but the system's own when absent
 * @throws FraiseqlError DATABASE_UNAVAILABLE when the database cannot be asked
 */
export async function readDatabase(url: string, schemas?: readonly string[]): Promise<DatabaseReading> {
  const database = openDatabase({ url });
  try {
    const leftOut: string[] = [];
    const catalog = await introspect(database, { ...(schemas && { schemas }), notes: leftOut });
    const { model, notes } = modelFromCatalog(catalog, await sampleDocuments(database, catalog));
    return { catalog, model, notes: [...leftOut.sort(), ...notes] };
  } finally {
    await database.close();
  }
}

/** The text of `schema.compiled.json`; the same schema gives the same text. */
export async function compileSchema({ model, catalog }: Schema): Promise<string> {
  const sdl = printSchema(createOperations(model).schema);
  return sealArtifact({ model, catalog: catalogUsedBy(model, catalog), sdl }, digest);
}

/**
 * How the live database differs from what an artifact rests on.
 *
 * @throws FraiseqlError ARTIFACT_INVALID, DATABASE_UNAVAILABLE
 */
export async function compareWithDatabase(artifactText: string, url: string): Promise<readonly Difference[]> {
  const artifact = await openArtifact(artifactText, digest);
  const database = openDatabase({ url });
  try {
    return (await artifactDifferences(artifact, database)).differences;
  } finally {
    await database.close();
  }
}

export { digest };
