import { introspect } from "../adapters/postgres/introspect/introspect.ts";
import type { Artifact } from "../core/schema/artifact.ts";
import { compareCatalogs, type Difference } from "../core/schema/drift.ts";
import { refusedExpressions } from "../flows/answers/refused-expressions.ts";
import type { Database } from "../ports/database.ts";

export type Comparison = {
  readonly differences: readonly Difference[];
  /** `server_version_num` of the live database. */
  readonly serverVersion: number;
};

/**
 * How the live database differs from what an artifact rests on. Only the schemas the artifact names are read.
 *
 * @throws FraiseqlError DATABASE_UNAVAILABLE when the database cannot be asked
 */
export async function artifactDifferences({ catalog, model }: Artifact, database: Database): Promise<Comparison> {
  const { relations, enums, composites, functions } = catalog;
  const schemas = new Set([relations, enums, composites, functions].flat().map(({ schema }) => schema));
  const live = await introspect(database, { schemas: [...schemas] });
  return {
    differences: [...compareCatalogs(catalog, live), ...(await refusedExpressions(model, database))],
    serverVersion: live.serverVersion,
  };
}
