import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { FraiseqlError } from "../core/errors.ts";
import { problemText } from "./placed-problem.ts";
import { filesOfSchema } from "./schema-imports.ts";
import { problemsOfError } from "./schema-place.ts";

/**
 * The rules that a module exports as `rules`.
 *
 * @throws FraiseqlError RULE_INVALID with every problem, each with its file and line, when it cannot be read or exports none
 */
export async function loadRules(path: string): Promise<readonly unknown[]> {
  if (!existsSync(path)) {
    const message = `There is no file ${path}; \`fraiseql rules pull ${path}\` writes one from the rules that are live.`;
    throw new FraiseqlError("RULE_INVALID", message);
  }
  const { rules } = await importFile(resolve(path));
  if (Array.isArray(rules)) return rules;
  throw new FraiseqlError("RULE_INVALID", `${path} exports no rules; write: export const rules = defineRules([ … ]);`);
}

async function importFile(file: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return await import(pathToFileURL(file).href);
  } catch (cause) {
    const problems = problemsOfError(cause, [...filesOfSchema(file)]);
    throw new FraiseqlError("RULE_INVALID", problems.map(problemText).join("\n"), { details: { problems }, cause });
  }
}
