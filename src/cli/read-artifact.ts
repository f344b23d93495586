import { FraiseqlError } from "../core/errors.ts";
import { readIfThere } from "./files.ts";

/**
 * The text of an artifact on disk.
 *
 * @throws FraiseqlError ARTIFACT_INVALID when there is none
 */
export async function readArtifact(path: string): Promise<string> {
  const text = await readIfThere(path);
  if (text !== undefined) return text;
  const message = `There is no artifact ${path}; \`fraiseql compile schema.ts --out ${path}\` makes one.`;
  throw new FraiseqlError("ARTIFACT_INVALID", message);
}
