/** The words of a condition's text. One pass, no look-back: the time is in proportion to the length. */
import { WrittenWrong } from "../problem.ts";

export type Token = {
  readonly kind: "name" | "quoted-name" | "number" | "text" | "sign" | "end";
  /** Without quotes. */
  readonly text: string;
  readonly offset: number;
};

const SIGNS = ["&&", "||", "!=", "<=", ">=", "!", "=", "<", ">", "+", "-", "*", "/", "%", "(", ")", "[", "]", ",", "."];
/** What other languages write, and how it is written here. */
const FOREIGN: Readonly<Record<string, string>> = {
  "==": "=",
  "<>": "!=",
  "&": "&&",
  "|": "||",
  "===": "=",
  "!==": "!=",
};
const SPACE = /[ \t\r\n]*/y;
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const NUMBER = /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

/** @throws WrittenWrong at the first character that begins no word */
export function readTokens(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  for (;;) {
    at += matchAt(SPACE, text, at).length;
    if (at >= text.length) return [...tokens, { kind: "end", text: "", offset: at }];
    const token = tokenAt(text, at);
    tokens.push(token.token);
    at = token.next;
  }
}

function tokenAt(text: string, at: number): { readonly token: Token; readonly next: number } {
  const first = text[at] as string;
  if (first === "'" || first === '"') return quotedAt(text, at, first);
  const name = matchAt(NAME, text, at);
  if (name !== "") return { token: { kind: "name", text: name, offset: at }, next: at + name.length };
  const number = matchAt(NUMBER, text, at);
  if (number !== "") return { token: { kind: "number", text: number, offset: at }, next: at + number.length };
  const foreign = [3, 2].map((length) => text.slice(at, at + length)).find((sign) => Object.hasOwn(FOREIGN, sign));
  const sign = foreign === undefined ? SIGNS.find((each) => text.startsWith(each, at)) : undefined;
  if (sign !== undefined) return { token: { kind: "sign", text: sign, offset: at }, next: at + sign.length };
  const wrong = foreign ?? first;
  const meant = Object.hasOwn(FOREIGN, wrong) ? FOREIGN[wrong] : undefined;
  throw new WrittenWrong(
    { offset: at },
    meant === undefined ? `unexpected ${JSON.stringify(first)}` : `there is no ${wrong}; write ${meant}`,
    meant,
  );
}

/** A quote inside is written twice, as in SQL. */
function quotedAt(text: string, at: number, quote: string): { readonly token: Token; readonly next: number } {
  let content = "";
  let from = at + 1;
  for (;;) {
    const end = text.indexOf(quote, from);
    if (end < 0) throw new WrittenWrong({ offset: at }, `the text that begins here has no closing ${quote}`);
    content += text.slice(from, end);
    if (text[end + 1] !== quote) {
      return { token: { kind: quote === "'" ? "text" : "quoted-name", text: content, offset: at }, next: end + 1 };
    }
    content += quote;
    from = end + 2;
  }
}

function matchAt(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? "";
}
