/** A small reader of PostgreSQL's lexical rules: https://www.postgresql.org/docs/18/sql-syntax-lexical.html */

export type Token = {
  readonly kind: "word" | "identifier" | "string" | "parameter" | "number" | "sign";
  /** What the token means: names and strings without their quotes. */
  readonly value: string;
};

/**
 * Splits a statement as PostgreSQL does with standard_conforming_strings on. Comments and dollar quotes are refused: our
 * statements have none, so one that shows up has come from outside.
 */
export function tokensOf(sql: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < sql.length) {
    const character = sql[at] as string;
    if (/\s/.test(character)) {
      at += 1;
      continue;
    }
    const read = readQuoted(sql, at) ?? readPlain(sql, at);
    tokens.push(read.token);
    at = read.end;
  }
  return tokens;
}

type Read = { readonly token: Token; readonly end: number };

function readQuoted(sql: string, start: number): Read | undefined {
  const first = sql[start] as string;
  if (first === '"') return quoted(sql, start + 1, '"', false, "identifier");
  if (first === "'") return quoted(sql, start + 1, "'", false, "string");
  if (/[eE]/.test(first) && sql[start + 1] === "'") return quoted(sql, start + 2, "'", true, "string");
  if (/[uUbBxXnN]/.test(first) && /^.&?['"]/.test(sql.slice(start, start + 3))) {
    throw new Error(`an unusual kind of string at ${start}: ${sql.slice(start, start + 20)}`);
  }
  return undefined;
}

function quoted(sql: string, start: number, quote: string, escapes: boolean, kind: Token["kind"]): Read {
  let value = "";
  let at = start;
  while (at < sql.length) {
    const character = sql[at] as string;
    if (escapes && character === "\\") {
      const escaped = sql[at + 1] as string;
      value += escaped === "n" ? "\n" : escaped;
      at += 2;
    } else if (character !== quote) {
      value += character;
      at += 1;
    } else if (sql[at + 1] === quote) {
      value += quote;
      at += 2;
    } else {
      return { token: { kind, value }, end: at + 1 };
    }
  }
  throw new Error(`a quote that opens before ${start} does not end`);
}

const PLAIN: readonly (readonly [Token["kind"], RegExp])[] = [
  ["parameter", /\$\d+/y],
  ["number", /\d+(?:\.\d+)?/y],
  ["word", /[A-Za-z_\u0080-\uffff][A-Za-z0-9_$\u0080-\uffff]*/y],
  ["sign", /::|=>|[-+*/<>=~!@#%^&|`?]+|[(),.;:[\]]/y],
];

function readPlain(sql: string, start: number): Read {
  for (const [kind, pattern] of PLAIN) {
    pattern.lastIndex = start;
    const value = pattern.exec(sql)?.[0];
    if (value === undefined) continue;
    if (value.includes("--") || value.includes("/*")) throw new Error(`a comment at ${start}`);
    return { token: { kind, value }, end: start + value.length };
  }
  throw new Error(`no token at ${start}: ${JSON.stringify(sql.slice(start, start + 20))}`);
}

/** The statement with every name, string and number left blank. */
export function shapeOf(tokens: readonly Token[]): string {
  return tokens
    .map(({ kind, value }) => (kind === "word" || kind === "sign" || kind === "parameter" ? value : kind))
    .join(" ");
}
