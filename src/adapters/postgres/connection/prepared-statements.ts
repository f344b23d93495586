/** The statements one connection has prepared, by text: bounded, since the server keeps each until it is closed. */
import { closeStatement, parse } from "./wire-messages.ts";

export type PreparedStatements = {
  /** The name of a statement, and what to send before its first use: nothing when it is known. */
  nameOf(text: string): { readonly name: string; readonly before: readonly Buffer[] };
  /** It turned out that the server does not have it, or no longer as it was. */
  forget(text: string): void;
};

const STATEMENTS_MAX = 1_000;
/**
 * Characters of all their texts. The server keeps about a hundred bytes of parse tree and plan for each, on every connection,
 * so counting statements alone would let a client with many large documents fill its memory.
 */
const CHARACTERS_MAX = 500_000;
/** A longer text is not kept: it would put out many that come back. The unnamed statement lasts until the next one. */
const KEPT_CHARACTERS_MAX = 50_000;
const NOTHING: readonly Buffer[] = [];

export function createPreparedStatements(): PreparedStatements {
  const known = new Map<string, { readonly name: string; readonly before: readonly Buffer[] }>();
  let obsolete: Buffer[] = [];
  let count = 0;
  let characters = 0;
  const forget = (text: string): void => {
    const found = known.get(text);
    if (!found) return;
    known.delete(text);
    characters -= text.length;
    // Closing a statement that does not exist is no error.
    obsolete.push(closeStatement(found.name));
  };
  return {
    nameOf(text) {
      const found = known.get(text);
      if (found) return found;
      const name = text.length > KEPT_CHARACTERS_MAX ? "" : `s${count}`;
      if (name !== "") {
        count += 1;
        characters += text.length;
        known.set(text, { name, before: NOTHING });
        for (const oldest of known.keys()) {
          if (known.size <= STATEMENTS_MAX && characters <= CHARACTERS_MAX) break;
          forget(oldest);
        }
      }
      const before = [...obsolete, parse(name, text)];
      obsolete = [];
      return { name, before };
    },
    forget,
  };
}
