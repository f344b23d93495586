/** LIKE and ILIKE of SQL without regular expressions: at most pattern times text steps, whatever is in them. */

/** A text matcher. */
export type Matcher = (text: string) => boolean;

/** `\` before a character takes it as it is; alone at the end it stands before nothing. */
export function checkLikePattern(pattern: string): string | undefined {
  const slashes = pattern.length - pattern.replace(/\\+$/, "").length;
  return slashes % 2 === 1 ? "a pattern does not end with the escape character \\" : undefined;
}

const ANY = Symbol("any text");
const ONE = Symbol("one character");
type Piece = string | typeof ANY | typeof ONE;

/** `like`, or `ilike` where it is caseless, as PostgreSQL reads the pattern. */
export function likeMatcher(pattern: string, caseless: boolean): Matcher {
  const pieces = readPieces(caseless ? lowered(pattern) : pattern);
  return (text) => matches(pieces, caseless ? lowered(text) : text);
}

function readPieces(pattern: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let escaped = false;
  for (const char of pattern) {
    if (!escaped && char === "\\") {
      escaped = true;
      continue;
    }
    pieces.push(!escaped && char === "%" ? ANY : !escaped && char === "_" ? ONE : char);
    escaped = false;
  }
  return pieces;
}

/** Goes back to the last `%` only: an earlier one has nothing to give that a later one has not. */
function matches(pieces: readonly Piece[], text: string): boolean {
  let [at, piece] = [0, 0];
  let [retryAt, retryPiece] = [-1, -1];
  while (at < text.length) {
    const wanted = pieces[piece];
    const length =
      wanted === ONE
        ? charLength(text, at)
        : typeof wanted === "string" && text.startsWith(wanted, at)
          ? wanted.length
          : 0;
    if (length > 0) {
      at += length;
      piece += 1;
    } else if (wanted === ANY) {
      [retryAt, retryPiece] = [at, piece];
      piece += 1;
    } else if (retryPiece >= 0) {
      retryAt += charLength(text, retryAt);
      [at, piece] = [retryAt, retryPiece + 1];
    } else {
      return false;
    }
  }
  return pieces.slice(piece).every((rest) => rest === ANY);
}

function charLength(text: string, at: number): number {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
}

/** Letter by letter, as PostgreSQL's `pg_c_utf8` does it: no letter's case depends on its neighbours. */
function lowered(text: string): string {
  if (!/[^\0-\x7f]/.test(text)) return text.toLowerCase();
  // U+0130, the capital I with a dot, is the one letter that becomes two in JavaScript.
  return Array.from(text, (char) => (char === "\u0130" ? "i" : char.toLowerCase())).join("");
}
