/** What is wrong with an import: the runtime names the modules, and the line is found by reading them. */
import { existsSync, readFileSync } from "node:fs";
import { suggestion } from "../core/schema/suggest.ts";
import type { Place, PlacedProblem } from "./placed-problem.ts";

const MISSING_EXPORT = /^Export named '(?<name>[^']+)' not found in module '(?<module>[^']+)'/;

/**
 * The problem with its place, or nothing when the error is of another kind.
 *
 * @param files the author's files, the first to be searched first
 */
export function importProblem(error: Error, files: readonly string[]): PlacedProblem | undefined {
  if ("referrer" in error && "specifier" in error) {
    const [file, specifier] = [String(error.referrer), String(error.specifier)];
    return { message: error.message, ...placeOf(specifier, [file]) };
  }
  const { name, module } = MISSING_EXPORT.exec(error.message)?.groups ?? {};
  if (name === undefined || module === undefined) return undefined;
  const message = `${module.split("/").at(-1)} exports no ${JSON.stringify(name)}${suggestion(name, exportsOf(module))}`;
  return { message, ...placeOf(name, files) };
}

function exportsOf(module: string): readonly string[] {
  if (!existsSync(module)) return [];
  return [...readFileSync(module, "utf8").matchAll(/^export const (\w+)/gm)].map(([, name]) => name ?? "");
}

/** The first place where the text stands in one of the files, as a whole word. */
function placeOf(text: string, files: readonly string[]): Place | undefined {
  const word = new RegExp(`(?<!\\w)${text.replaceAll(/[^\w]/g, "\\$&")}(?!\\w)`);
  for (const file of files) {
    if (!existsSync(file)) continue;
    const lines = readFileSync(file, "utf8").split("\n");
    const line = lines.findIndex((each) => word.test(each));
    if (line >= 0) return { file, line: line + 1, column: (lines[line]?.search(word) ?? 0) + 1 };
  }
  return undefined;
}
