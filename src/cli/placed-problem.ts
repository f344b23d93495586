/** Something wrong in a file that the caller wrote, and where. */
import { existsSync, readFileSync } from "node:fs";
import { relative } from "node:path";
import process from "node:process";

/** `line` and `column` count from 1. */
export type Place = { readonly file: string; readonly line: number; readonly column: number };

export type PlacedProblem = { readonly message: string } & Partial<Place>;

/** `schema.ts:12:14: message`, with the line itself below. */
export function problemText({ message, file, line, column }: PlacedProblem): string {
  if (file === undefined || line === undefined) return message;
  const head = `${relative(process.cwd(), file) || file}:${line}:${column ?? 1}: ${message}`;
  const source = existsSync(file) ? readFileSync(file, "utf8").split("\n")[line - 1] : undefined;
  return source === undefined ? head : `${head}\n  ${line} | ${source.trim()}`;
}
