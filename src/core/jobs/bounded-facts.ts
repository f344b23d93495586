import { encodeUtf8 } from "../columnar/utf8.ts";
import { maskSecrets } from "../secrets/mask-secrets.ts";

/** Of each text of an attempt's facts, UTF-8. */
export const FACT_BYTES_MAX = 2_048;
const CUT = "…";

/** The facts as they may be kept: secrets masked first, so that none is cut in two, then each text at most 2 kB long. */
export function boundedFacts<Facts extends object>(facts: Facts, secrets: readonly string[] = []): Facts {
  const bounded = Object.entries(facts).map(([name, fact]) => [
    name,
    typeof fact === "string" ? cutText(maskSecrets(fact, secrets), FACT_BYTES_MAX) : fact,
  ]);
  return Object.fromEntries(bounded) as Facts;
}

/** The beginning of the text that takes no more than so many bytes, with a sign where something was left out. */
export function cutText(text: string, bytesMax: number): string {
  if (text.length * 3 <= bytesMax || encodeUtf8(text).length <= bytesMax) return text;
  let bytes = encodeUtf8(CUT).length;
  let end = 0;
  for (const character of text) {
    bytes += encodeUtf8(character).length;
    if (bytes > bytesMax) break;
    end += character.length;
  }
  return text.slice(0, end) + CUT;
}
