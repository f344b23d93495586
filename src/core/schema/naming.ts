/** From identifiers of PostgreSQL to names of GraphQL. Every text gives a valid name; equal names are kept apart elsewhere. */

const NAME = /^[_A-Za-z][_0-9A-Za-z]*$/;

/** A name an author may give: the grammar's form, and not of the `__` ones that belong to GraphQL itself. */
export function isGraphqlName(name: string): boolean {
  return NAME.test(name) && !name.startsWith("__");
}

/** Names in a `where` input that are no field, and the field every row with a key has. */
export const RESERVED_FIELD_NAMES: readonly string[] = ["and", "or", "not", "nodeId"];

/**
 * The words of an identifier: `film_actor` and `filmActor` have two. Letters with accents lose them; characters without
 * a Latin form are kept as `u` and their number, so that no two identifiers of another script become one name.
 */
export function words(identifier: string): readonly string[] {
  return plainText(identifier)
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, "$1 $2")
    .split(" ")
    .filter((word) => word !== "")
    .map((word) => word.toLowerCase());
}

/** `filmActor`, for fields, arguments and root fields. */
export function camelName(identifier: string): string {
  const [first = "", ...rest] = words(identifier);
  return led(identifier, first + rest.map(capitalized).join(""));
}

/** `FilmActor`, for types. */
export function pascalName(identifier: string): string {
  return led(identifier, words(identifier).map(capitalized).join(""));
}

/** A field's name for a column: camel case, and `_` behind a reserved one. */
export function fieldName(identifier: string): string {
  const name = camelName(identifier);
  return RESERVED_FIELD_NAMES.includes(name) ? `${name}_` : name;
}

/** A name for an enum label; letters keep their case: `PG-13` is `PG_13`. */
export function enumValueName(label: string): string {
  if (label === "") return "EMPTY";
  const plain = isGraphqlName(label) ? label : plainText(label).replaceAll(" ", "_");
  const name = /^[0-9]/.test(plain) ? `_${plain}` : plain;
  // Values the grammar of GraphQL keeps for itself.
  return ["true", "false", "null"].includes(name) ? `${name}_` : name;
}

/** Entity of a relation: its name without FraiseQL's prefix for tables and views. */
export function entityName(relation: string): string {
  const [, entity] = /^(?:tb|tv|v)_(.+)$/.exec(relation) ?? [];
  return entity ?? relation;
}

export const capitalized = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);
export const uncapitalized = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);

const LATIN = new Map(
  Object.entries({
    ß: "ss",
    æ: "ae",
    Æ: "AE",
    œ: "oe",
    Œ: "OE",
    ø: "o",
    Ø: "O",
    ł: "l",
    Ł: "L",
    đ: "d",
    Đ: "D",
    ı: "i",
    þ: "th",
    Þ: "Th",
    ð: "d",
  }),
);

/** Latin letters and digits, with single spaces where the text had anything else. A text of nothing else is spelled out. */
function plainText(text: string): string {
  const plain = latinLetters(text)
    .replaceAll(/[^A-Za-z0-9]+/g, " ")
    .trim();
  if (plain !== "") return plain;
  return [...text].map((character) => `u${character.codePointAt(0)?.toString(16)}`).join(" ");
}

function latinLetters(text: string): string {
  const bare = text.normalize("NFKD").replaceAll(/\p{M}/gu, "");
  return [...bare]
    .map((character) => {
      if (/[\0-\x7f]/.test(character)) return character;
      const latin = LATIN.get(character);
      if (latin) return latin;
      return /[\p{L}\p{N}\p{S}]/u.test(character) ? ` u${character.codePointAt(0)?.toString(16)} ` : " ";
    })
    .join("");
}

/** A single leading underscore stays, and one goes before a digit, which cannot begin a name. */
function led(identifier: string, name: string): string {
  return identifier.startsWith("_") || /^[0-9]/.test(name) ? `_${name}` : name;
}
