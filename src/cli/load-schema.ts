/** Runs an author's `schema.ts` and takes the schema it exports. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { FraiseqlError } from "../core/errors.ts";
import type { Schema } from "../core/schema/builder/builder.ts";
import { type PlacedProblem, problemText } from "./placed-problem.ts";
import { filesOfSchema } from "./schema-imports.ts";
import { problemsOfError } from "./schema-place.ts";

/** @throws FraiseqlError SCHEMA_INVALID with every problem, each with its file and line; CONFIG_INVALID where there is no file */
export async function loadSchema(path: string): Promise<Schema> {
  const file = resolve(path);
  if (!existsSync(file)) {
    const message = `There is no file ${path}; \`fraiseql introspect --out ${path}\` writes one from a database.`;
    throw new FraiseqlError("CONFIG_INVALID", message);
  }
  const module = await importFile(file);
  const schema = module["schema"];
  if (isSchema(schema)) return schema;
  const message = `${path} exports no schema; it needs \`export const schema = db.schema(…)\``;
  throw schemaInvalid([{ message, file, line: 1, column: 1 }]);
}

async function importFile(file: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return await import(pathToFileURL(file).href);
  } catch (error) {
    throw schemaInvalid(problemsOfError(error, [...filesOfSchema(file)]), error);
  }
}

function isSchema(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && "model" in value && "catalog" in value;
}

function schemaInvalid(problems: readonly PlacedProblem[], cause?: unknown): FraiseqlError {
  const message = problems.map(problemText).join("\n");
  return new FraiseqlError("SCHEMA_INVALID", message, {
    details: { problems },
    ...(cause === undefined ? {} : { cause }),
  });
}
