/** Base64 to PostgreSQL's hexadecimal form of `bytea`. Written out, because core has no `atob`. */
import { expectString } from "./text.ts";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const FORM = "bytes in base64 with padding (RFC 4648, section 4)";

/** From Base64 to the form of bytea in PostgreSQL, hexadecimal. @throws TypeError for what is no Base64 */
export function parseBytes(value: unknown): string {
  const text = expectString(value, FORM);
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) throw new TypeError(`Expected ${FORM}.`);
  const digits = text.replace(/=+$/, "");
  const hex: string[] = ["\\x"];
  let bits = 0;
  let count = 0;
  for (const digit of digits) {
    bits = (bits << 6) | ALPHABET.indexOf(digit);
    count += 6;
    if (count >= 8) {
      count -= 8;
      hex.push(((bits >> count) & 0xff).toString(16).padStart(2, "0"));
      bits &= (1 << count) - 1;
    }
  }
  // Two writings of the same bytes would break equality of cached values; RFC 4648, section 3.5.
  if (bits !== 0) throw new TypeError(`Expected ${FORM}; the unused bits of the last character must be zero.`);
  return hex.join("");
}
