import { readFileSync } from "node:fs";
import { join } from "node:path";

export type Block = { readonly language: string; readonly text: string };

/** The fenced blocks of README.md, in order. */
export function readmeBlocks(): readonly Block[] {
  const readme = readFileSync(join(import.meta.dir, "..", "..", "README.md"), "utf8");
  return [...readme.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language = "", text = ""]) => ({ language, text }));
}
