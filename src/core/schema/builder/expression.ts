/**
 * Checks the SQL text of a computed field. The author is trusted with what it computes, but not by accident with the
 * rest of the statement: it must be one closed expression.
 */
import { refuse } from "./problem.ts";

const TOKEN = /'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(?<tag>[A-Za-z_]\w*)?\$.*?\$\k<tag>\$|--|\/\*|\*\/|\$\d+|[()[\];'"\0]/gs;
const CLOSES: Readonly<Record<string, string>> = { ")": "(", "]": "[" };

/** Refuses comments, statement ends, parameters, open quotes and brackets. Columns stand between the texts. */
export function checkExpression(texts: readonly string[], place: string): void {
  const open: string[] = [];
  // A column inside a string literal would be taken for text, so every text is read on its own.
  for (const text of texts) {
    for (const { 0: token, index } of text.matchAll(TOKEN)) {
      // In E'…' a backslash can hide a quote from us, and every such string can be written without.
      if (token.startsWith("'") && token.includes("\\") && /e/i.test(text[index - 1] ?? "")) {
        refuse(`${place} holds an E'…' string with a backslash; write it without`);
      }
      if (token === "(" || token === "[") open.push(token);
      else if (token === ")" || token === "]") {
        if (open.pop() !== CLOSES[token]) refuse(`${place} closes a bracket it did not open`);
      } else if (token === "--" || token.includes("*/") || token === "/*")
        refuse(`${place} holds an SQL comment; write it in TypeScript`);
      else if (token === ";") refuse(`${place} holds a semicolon; it must be one expression`);
      else if (token === "\0") refuse(`${place} holds a NUL character`);
      else if (/^\$\d/.test(token)) refuse(`${place} holds the parameter ${token}; it has no parameters`);
      else if (token.length === 1)
        refuse(`${place} opens a ${token} and does not close it (columns cannot stand inside quotes)`);
    }
  }
  if (open.length > 0) refuse(`${place} does not close every bracket`);
  if (texts.join("x").trim() === "") refuse(`${place} is empty`);
}
