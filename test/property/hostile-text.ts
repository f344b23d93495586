/** Text that has broken other people's SQL. */
import fc from "fast-check";

const PIECES = [
  '"',
  "'",
  "''",
  '""',
  "\\",
  "\\'",
  '\\"',
  "$1",
  "$$",
  "$q$",
  "--",
  "/*",
  "*/",
  ";",
  "; drop table x; --",
  "') or true --",
  "\n",
  "\r",
  "\t",
  " ",
  "::text",
  "E'",
  "U&'",
  "%",
  "_",
  "{}",
  "[",
  ",",
  ".",
  "?",
  ":x",
  "é",
  "ﬃ",
  "ʼ",
  "＇",
  "\u00a0",
  "\u2028",
  "😀",
  "\u202e",
  "select",
  "null",
  "constructor",
  "__proto__",
  "a",
  "B",
  "0",
];

const pieces = fc.array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 6 }).map((parts) => parts.join(""));
const anything = fc.string({ unit: "binary", minLength: 1, maxLength: 12 }).filter((text) => !text.includes("\0"));

/** Whether it survives UTF-8: half of a surrogate pair does not. */
export const isText = (value: string): boolean => !/\p{Surrogate}/u.test(value);

/** Any text PostgreSQL can store, and some it cannot. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: pieces },
  { weight: 1, arbitrary: anything },
);

/** A name PostgreSQL keeps whole: at most 63 bytes. */
export const hostileName: fc.Arbitrary<string> = hostileText.map((text) => {
  let cut = text;
  while (new TextEncoder().encode(cut).length > 56) cut = [...cut].slice(0, -1).join("");
  return cut;
});

/** Different hostile names. */
export const hostileNames = (count: number): fc.Arbitrary<readonly string[]> =>
  fc.uniqueArray(hostileName, { minLength: count, maxLength: count, size: "max" });

const NAME_WORDS = [
  "select",
  "from",
  "x",
  "__a",
  "A1",
  "null",
  "true",
  "t1",
  "root",
  "j",
  "n",
  "k0",
  "constructor",
  "toString",
  "hasOwnProperty",
  "drop_table",
  "_",
];

/** What the grammar of GraphQL lets an alias be. */
export const alias: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...NAME_WORDS.filter((word) => !word.startsWith("__"))),
  fc.stringMatching(/^[A-Za-z][_0-9A-Za-z]{0,20}$/),
);
