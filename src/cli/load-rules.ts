import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { FraiseqlError } from "../core/errors.ts";

/**
 * The rules that a module exports as `rules`.
 *
 * @throws FraiseqlError RULE_INVALID when it cannot be read or exports none
 */
export async function loadRules(path: string): Promise<readonly unknown[]> {
  if (!existsSync(path)) {
    const message = `There is no file ${path}; \`fraiseql rules pull ${path}\` writes one from the rules that are live.`;
    throw new FraiseqlError("RULE_INVALID", message);
  }
  let module: Record<string, unknown>;
  try {
    module = (await import(pathToFileURL(resolve(path)).href)) as Record<string, unknown>;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.split("\n")[0] : String(cause);
    throw new FraiseqlError("RULE_INVALID", `${path} cannot be read: ${why}`, { cause });
  }
  const { rules } = module;
  if (Array.isArray(rules)) return rules;
  throw new FraiseqlError("RULE_INVALID", `${path} exports no rules; write: export const rules = defineRules([ … ]);`);
}
