/** The words of a condition's text. One pass, no look-back: the time is in proportion to the length. */
import { WrittenWrong } from "../problem.ts";

export type Token = {
  readonly kind: "name" | "quoted-name" | "number" | "text" | "sign" | "end";
  /** Without quotes. */
  readonly text: string;
  readonly offset: number;
  /** Where what comes after it begins. */
  readonly end: number;
};

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
/** The longest first, those that are foreign here too. */
const SIGN = /[=!]==|==|<>|&&|\|\||[!<>]=|[-!=<>+*/%()[\],.&|]/y;

/** @throws WrittenWrong at the first character that begins no word */
export function readTokens(text: string): readonly Token[] {
  const tokens: Token[] = [];
  for (let at = endOf(SPACE, text, 0); at < text.length; ) {
    const token = tokenAt(text, at);
    tokens.push(token);
    at = endOf(SPACE, text, token.end);
  }
  tokens.push({ kind: "end", text: "", offset: text.length, end: text.length });
  return tokens;
}

function tokenAt(text: string, at: number): Token {
  const first = text[at] as string;
  if (first === "'" || first === '"') return quotedAt(text, at, first);
  return found("name", NAME, text, at) ?? found("number", NUMBER, text, at) ?? signAt(text, at, first);
}

function found(kind: Token["kind"], pattern: RegExp, text: string, offset: number): Token | undefined {
  const end = endOf(pattern, text, offset);
  return end > offset ? { kind, text: text.slice(offset, end), offset, end } : undefined;
}

function signAt(text: string, at: number, first: string): Token {
  const sign = found("sign", SIGN, text, at);
  const wrong = sign?.text ?? first;
  const meant = Object.hasOwn(FOREIGN, wrong) ? FOREIGN[wrong] : undefined;
  if (sign && meant === undefined) return sign;
  throw new WrittenWrong(
    { offset: at },
    meant === undefined ? `unexpected ${JSON.stringify(first)}` : `there is no ${wrong}; write ${meant}`,
    meant,
  );
}

/** A quote inside is written twice, as in SQL. */
function quotedAt(text: string, at: number, quote: string): Token {
  let content = "";
  let from = at + 1;
  for (;;) {
    const end = text.indexOf(quote, from);
    if (end < 0) throw new WrittenWrong({ offset: at }, `the text that begins here has no closing ${quote}`);
    content += text.slice(from, end);
    if (text[end + 1] !== quote) {
      return { kind: quote === "'" ? "text" : "quoted-name", text: content, offset: at, end: end + 1 };
    }
    content += quote;
    from = end + 2;
  }
}

/** Where what matches here ends; where it begins, if nothing does. */
function endOf(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}
