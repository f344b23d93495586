/** Explaining, put together with an artifact and a live database. */
import { openDatabase } from "../adapters/postgres/database.ts";
import { readServerVersion } from "../adapters/postgres/server-version.ts";
import { digest } from "../adapters/web-crypto/digest.ts";
import { createOperations, type OperationRequest } from "../core/operations.ts";
import { openArtifact } from "../core/schema/seal.ts";
import { type ExplainedOperation, explainOperation } from "../flows/answers/explain-operation.ts";

/**
 * @param artifactText - the text of `schema.compiled.json`
 * @throws RequestFailed, FraiseqlError ARTIFACT_INVALID, DATABASE_UNAVAILABLE
 */
export async function explainWithDatabase(
  artifactText: string,
  url: string,
  request: OperationRequest,
  options: { readonly analyze: boolean },
): Promise<ExplainedOperation> {
  const { model } = await openArtifact(artifactText, digest);
  const database = openDatabase({ url });
  try {
    const version = await readServerVersion(database);
    const operations = createOperations(model, { serverVersion: () => version });
    return await explainOperation({ operations, database }, request, options);
  } finally {
    await database.close();
  }
}
