import { encodeUtf8 } from "../columnar/utf8.ts";
import { maskSecrets } from "../secrets/mask-secrets.ts";

/** Of each text of an attempt's facts, UTF-8. */
const FACT_BYTES_MAX = 2_048;
const CUT = "…";

/**
 * The facts as they may be kept: secrets masked first, so that none is cut in two, then each text at most 2 kB long and
 * without what PostgreSQL's `jsonb` refuses, NUL and halves of surrogate pairs: one such answer would hold up all others.
 */
export function boundedFacts<Facts extends object>(facts: Facts, secrets: readonly string[] = []): Facts {
  const bounded = Object.entries(facts).map(([name, fact]) => [
    name,
    typeof fact === "string" ? cutText(keptText(maskSecrets(fact, secrets)), FACT_BYTES_MAX) : fact,
  ]);
  return Object.fromEntries(bounded) as Facts;
}

function keptText(text: string): string {
  return text.replaceAll("\0", "\uFFFD").replaceAll(/\p{Surrogate}/gu, "\uFFFD");
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
