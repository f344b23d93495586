import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compileDatabase } from "../../src/compose/compile-database.ts";
import type { Artifact } from "../../src/core/schema/artifact.ts";
import type { Model } from "../../src/core/schema/model.ts";
import { type Server, startServer } from "./servers.ts";

const SERVER = fileURLToPath(new URL("../../routes/serve.bun.ts", import.meta.url));

/** Compiles the database as it is, and serves the artifact as a deployment does. */
export async function startFraiseql(
  env: Readonly<Record<string, string>> & { readonly DATABASE_URL: string },
): Promise<Server> {
  const directory = await mkdtemp(join(tmpdir(), "fraiseql-bench-artifact-"));
  try {
    const artifact = join(directory, "schema.compiled.json");
    await Bun.write(artifact, (await compileDatabase(env.DATABASE_URL)).artifact);
    return await startServer("fraiseql", [process.execPath, SERVER], {
      ...env,
      FRAISEQL_ARTIFACT_PATH: artifact,
      FRAISEQL_SERVER_PORT: "0",
    });
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** The model inside the artifact of a database. */
export async function compiledModel(databaseUrl: string): Promise<Model> {
  return (JSON.parse((await compileDatabase(databaseUrl)).artifact) as Artifact).model;
}
