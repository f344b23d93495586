/**
 * Faults a statement raises on purpose. SQL has no `raise` in an expression, so the renderer casts a text
 * `fraiseql:<CODE>:<where>` to a number: the cast fails with 22P02 and its message carries the text back.
 */
import { nullViolationMessage } from "../../../core/null-violation.ts";
import type { Meaning } from "./sqlstate.ts";

const MARKER = /fraiseql:(NOT_NULL_VIOLATED|PAGE_LIMIT|MUTATION_LIMIT):([A-Za-z0-9_.]*)/;

/** @returns the meaning of a marker in `message`, the text of a 22P02; undefined when it holds none */
export function markedMeaning(message: string): (Meaning & { readonly where: string }) | undefined {
  const found = MARKER.exec(message);
  if (!found) return undefined;
  const where = found[2] ?? "";
  if (found[1] === "PAGE_LIMIT") {
    return { code: "PAGE_LIMIT", where, message: `The list ${where} is longer than the page limit; give it a limit.` };
  }
  if (found[1] === "MUTATION_LIMIT") {
    const message = `${where} would change more rows than one mutation may; nothing was changed.`;
    return { code: "MUTATION_LIMIT", where, message };
  }
  return {
    code: "NOT_NULL_VIOLATED",
    where,
    message: nullViolationMessage(where),
  };
}
