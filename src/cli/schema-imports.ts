import { existsSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";

const IMPORT = /\bfrom\s*["'](?<path>\.{1,2}\/[^"']+)["']/g;

/** The file itself, and all that it imports by relative paths. */
export function filesOfSchema(file: string, seen: Set<string> = new Set()): Set<string> {
  if (seen.has(file) || file.includes("/node_modules/")) return seen;
  seen.add(file);
  if (!existsSync(file)) return seen;
  for (const { groups } of readFileSync(file, "utf8").matchAll(IMPORT)) {
    filesOfSchema(resolve(dirname(file), groups?.["path"] ?? ""), seen);
  }
  return seen;
}
