/** The statements one connection has prepared, by text: bounded, since the server keeps each until it is closed. */
import { closeStatement, parse } from "./wire-messages.ts";

export type PreparedStatements = {
  /** The name of a statement, and what to send before its first use: nothing when it is known. */
  nameOf(text: string): { readonly name: string; readonly before: readonly Buffer[] };
  /** It turned out that the server does not have it, or no longer as it was. */
  forget(text: string): void;
};

const STATEMENTS_MAX = 1_000;
const NOTHING: readonly Buffer[] = [];

export function createPreparedStatements(): PreparedStatements {
  const known = new Map<string, { readonly name: string; readonly before: readonly Buffer[] }>();
  let obsolete: Buffer[] = [];
  let count = 0;
  const forget = (text: string): void => {
    const found = known.get(text);
    if (!found) return;
    known.delete(text);
    // Closing a statement that does not exist is no error.
    obsolete.push(closeStatement(found.name));
  };
  return {
    nameOf(text) {
      const found = known.get(text);
      if (found) return found;
      const name = `s${count}`;
      count += 1;
      known.set(text, { name, before: NOTHING });
      const [oldest] = known.keys();
      if (known.size > STATEMENTS_MAX && oldest !== undefined) forget(oldest);
      const before = [...obsolete, parse(name, text)];
      obsolete = [];
      return { name, before };
    },
    forget,
  };
}
