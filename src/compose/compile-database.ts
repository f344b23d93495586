import { compileSchema, readDatabase } from "./authoring.ts";

export type CompiledDatabase = {
  /** The text of `schema.compiled.json`. */
  readonly artifact: string;
  /** A line for each name that had to give way and each thing that was left out. */
  readonly notes: readonly string[];
};

/**
 * From a live database to the text of an artifact, with nothing written by hand in between.
 *
 * @throws FraiseqlError DATABASE_UNAVAILABLE when the database cannot be asked
 */
export async function compileDatabase(url: string): Promise<CompiledDatabase> {
  const { model, catalog, notes } = await readDatabase(url);
  return { artifact: await compileSchema({ model, catalog }), notes };
}
