import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Artifact } from "../../src/core/schema/artifact.ts";
import type { Model } from "../../src/core/schema/model.ts";

const COMMAND_LINE = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

/** Introspects and compiles the database as a user would; gives the path of the artifact. */
export async function compiledArtifact(databaseUrl: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "fraiseql-bench-schema-"));
  const [schema, artifact] = [join(directory, "schema.ts"), join(directory, "schema.compiled.json")];
  await fraiseql(["introspect", "--out", schema], databaseUrl);
  await fraiseql(["compile", schema, "--out", artifact], databaseUrl);
  return artifact;
}

/** The model inside a compiled artifact. */
export async function compiledModel(databaseUrl: string): Promise<Model> {
  const artifact = (await Bun.file(await compiledArtifact(databaseUrl)).json()) as Artifact;
  return artifact.model;
}

async function fraiseql(words: readonly string[], databaseUrl: string): Promise<void> {
  const child = Bun.spawn([process.execPath, COMMAND_LINE, ...words], {
    env: { ...process.env, DATABASE_URL: databaseUrl },
    stdout: "ignore",
    stderr: "pipe",
  });
  if ((await child.exited) === 0) return;
  throw new Error(`fraiseql ${words[0]} failed: ${await new Response(child.stderr).text()}`);
}

export function serveCommand(artifact: string): readonly string[] {
  return [process.execPath, COMMAND_LINE, "serve", artifact, "--port", "0"];
}
