import { createRequire } from "node:module";
import { dirname, relative, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** How a written file imports the builder and `defineRules`: by the package's name where that leads to this package, otherwise by path. */
export function builderModule(out: string): string {
  const own = fileURLToPath(new URL("../core/mod.ts", import.meta.url));
  if (packageFrom(out) === own) return "fraiseql";
  const path = relative(dirname(resolve(out)), own);
  return path.startsWith(".") ? path : `./${path}`;
}

/** Where the import `fraiseql` leads from a file; it may lead nowhere. */
function packageFrom(file: string): string | undefined {
  try {
    return createRequire(pathToFileURL(resolve(file))).resolve("fraiseql");
  } catch {
    return undefined;
  }
}
