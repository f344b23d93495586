/** English plurals, as far as names of tables need them. Only the last word of a name changes. */

import { capitalized } from "./naming.ts";

/** Singular and plural of words no rule gets right, and words that are both. */
const IRREGULAR: ReadonlyMap<string, string> = new Map(
  Object.entries({
    analysis: "analyses",
    axis: "axes",
    basis: "bases",
    bus: "buses",
    child: "children",
    crisis: "crises",
    criterion: "criteria",
    diagnosis: "diagnoses",
    epoch: "epochs",
    foot: "feet",
    gas: "gases",
    goose: "geese",
    half: "halves",
    hypothesis: "hypotheses",
    index: "indexes",
    knife: "knives",
    leaf: "leaves",
    life: "lives",
    man: "men",
    matrix: "matrices",
    medium: "media",
    mouse: "mice",
    person: "people",
    phenomenon: "phenomena",
    quiz: "quizzes",
    shelf: "shelves",
    thesis: "theses",
    tooth: "teeth",
    vertex: "vertices",
    wife: "wives",
    wolf: "wolves",
    woman: "women",
    alumnus: "alumni",
    cactus: "cacti",
    hero: "heroes",
    potato: "potatoes",
    tomato: "tomatoes",
    echo: "echoes",
    veto: "vetoes",
  }),
);
const SAME = new Set([
  "advice",
  "aircraft",
  "baggage",
  "equipment",
  "evidence",
  "feedback",
  "fish",
  "furniture",
  "hardware",
  "information",
  "knowledge",
  "luggage",
  "mail",
  "media",
  "metadata",
  "money",
  "music",
  "news",
  "research",
  "series",
  "sheep",
  "software",
  "species",
  "staff",
  "traffic",
  "weather",
  "data",
]);
/** Words that end in a single `s` and are singular. */
const SINGULAR_S = new Set(["alias", "atlas", "bias", "canvas", "chaos", "lens", "pancreas"]);
/** Plurals that lose only their `s`, where the ending says otherwise. */
const KEEPS_E = new Set(["avalanches", "caches", "calories", "cookies", "movies", "niches", "zombies"]);

const PLURALS: ReadonlyMap<string, string> = new Map([...IRREGULAR].map(([one, many]) => [many, one]));

/** The plural of a name in camel or Pascal case; equal to the name where English has no other word. */
export function plural(name: string): string {
  return withLastWord(name, (word) => {
    if (isBoth(word) || PLURALS.has(word)) return word;
    const irregular = IRREGULAR.get(word);
    if (irregular) return irregular;
    if (/(?:s|x|z|ch|sh)$/.test(word)) return `${word}es`;
    return /[^aeiou]y$/.test(word) ? `${word.slice(0, -1)}ies` : `${word}s`;
  });
}

/** The singular of a name, or the name itself where it is singular already. */
export function singular(name: string): string {
  return withLastWord(name, (word) => {
    if (isBoth(word) || SINGULAR_S.has(word) || IRREGULAR.has(word)) return word;
    const irregular = PLURALS.get(word);
    if (irregular) return irregular;
    if (KEEPS_E.has(word)) return word.slice(0, -1);
    if (!word.endsWith("s") || /(?:ss|us|is)$/.test(word)) return word;
    if (/[^aeiou]ies$/.test(word)) return `${word.slice(0, -3)}y`;
    const withoutEs = word.slice(0, -2);
    if (word.endsWith("es") && (SINGULAR_S.has(withoutEs) || /(?:ss|x|ch|sh|zz|[^ao]us)$/.test(withoutEs)))
      return withoutEs;
    return word.slice(0, -1);
  });
}

/** Also abbreviations: `sms`, `gps`. */
const isBoth = (word: string): boolean =>
  SAME.has(word) || (word.length <= 3 && word.endsWith("s") && !IRREGULAR.has(word));

function withLastWord(name: string, change: (word: string) => string): string {
  const [, head = "", word = ""] = /^(.*?)([A-Z]?[a-z]+)$/.exec(name) ?? [];
  if (word === "") return name;
  const changed = change(word.toLowerCase());
  return head + (/^[A-Z]/.test(word) ? capitalized(changed) : changed);
}
