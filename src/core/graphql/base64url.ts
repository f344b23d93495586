/**
 * Base64 with the URL alphabet (RFC 4648 section 5) over UTF-8, for cursors and node ids. Core sees no `atob` and no
 * `TextDecoder`, and tokens are short.
 */
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/** Values of an order are in a cursor, so it may be long; a client must not make us read megabytes for each use of one. */
const CHARACTERS_MAX = 65_536;

/** The text of a token, or undefined where it is not base64url of UTF-8, or too long. */
export function decodeBase64url(token: string): string | undefined {
  if (token.length > CHARACTERS_MAX) return undefined;
  // RFC 4648 pads with at most two; a pattern for any number would take quadratic time.
  const bare = token.replace(/={1,2}$/, "");
  let escaped = "";
  let bits = 0;
  let count = 0;
  for (const character of bare) {
    const digit = ALPHABET.indexOf(character === "+" ? "-" : character === "/" ? "_" : character);
    if (digit < 0) return undefined;
    bits = (bits << 6) | digit;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    escaped += `%${((bits >> count) & 0xff).toString(16).padStart(2, "0")}`;
    bits &= (1 << count) - 1;
  }
  try {
    return decodeURIComponent(escaped);
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}
