/** The place in the author's files that an error comes from. */
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { importProblem } from "./import-problem.ts";
import type { Place, PlacedProblem } from "./placed-problem.ts";

/** Frames in here are ours, not the author's. */
const OWN_FOLDER = `${dirname(dirname(fileURLToPath(import.meta.url)))}/`;
const FRAME = /^\s*at (?:.* \()?(?<file>(?:file:\/\/)?\/.+?):(?<line>\d+):(?<column>\d+)\)?$/gm;

/** The innermost frame of a call stack that lies in a file of the author. */
function placeInStack(stack: string): Place | undefined {
  for (const { groups } of stack.matchAll(FRAME)) {
    const { file = "", line, column } = groups ?? {};
    const path = file.startsWith("file:") ? fileURLToPath(file) : file;
    if (path.startsWith(OWN_FOLDER) || path.includes("/node_modules/") || !existsSync(path)) continue;
    return { file: path, line: Number(line), column: Number(column) };
  }
  return undefined;
}

/**
 * Everything wrong that an error of loading a schema tells of.
 *
 * @param files the author's files, for errors that do not say where they are
 */
export function problemsOfError(error: unknown, files: readonly string[]): readonly PlacedProblem[] {
  if (!(error instanceof Error)) return [{ message: String(error) }];
  const many = "errors" in error && Array.isArray(error.errors) ? error.errors : [];
  if (many.length > 0) return many.flatMap((each) => problemsOfError(each, files));
  // The runtime's own errors of syntax and of imports carry their position.
  if ("position" in error && isPosition(error.position)) {
    const { file, line, column } = error.position;
    return [{ message: error.message, file, line, column }];
  }
  const imported = importProblem(error, files);
  if (imported) return [imported];
  const details =
    "details" in error ? (error.details as { problems?: readonly { message: string; stack?: string }[] }) : {};
  const problems = details.problems ?? [{ message: error.message, stack: error.stack ?? "" }];
  return problems.map(({ message, stack }) => ({ message, ...placeInStack(stack ?? "") }));
}

function isPosition(value: unknown): value is Place {
  return typeof value === "object" && value !== null && "file" in value && "line" in value && "column" in value;
}
