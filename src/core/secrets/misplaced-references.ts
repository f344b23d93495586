import type { OptionProblem } from "../jobs/option-problems.ts";

const LOOKS_LIKE_ONE = /\$\{[a-z][a-z0-9]*:\/\//;

/** A problem for each text of these options that names a secret where none is put in. */
export function misplacedReferences(
  options: Readonly<Record<string, unknown>>,
  names: readonly string[],
  where: string,
): readonly OptionProblem[] {
  return names.flatMap((name) =>
    textsOf(options[name], [name])
      .filter(({ text }) => LOOKS_LIKE_ONE.test(text))
      .map(({ path }) => ({ path, message: `expected no secret here: secrets go to ${where}` })),
  );
}

type Placed = { readonly path: readonly (string | number)[]; readonly text: string };

/** Two levels are enough for options: a text, a list of texts, texts by names. */
function textsOf(value: unknown, path: Placed["path"]): readonly Placed[] {
  if (typeof value === "string") return [{ path, text: value }];
  if (path.length > 1 || typeof value !== "object" || value === null) return [];
  const isList = Array.isArray(value);
  return Object.entries(value).flatMap(([key, each]) => textsOf(each, [...path, isList ? Number(key) : key]));
}
