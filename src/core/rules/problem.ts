/** What is wrong with a rule, and where: as much of it at once as can be said. */
import { nearestName } from "../nearest-name.ts";

export type RuleProblem = {
  /** Keys and indexes from the rule down: `["actions", 0, "kind"]`. */
  readonly path: readonly (string | number)[];
  readonly message: string;
  /** A key that nobody knows, of what stands at the path. */
  readonly key?: string;
  /** In a text of the rule, counted from 1. */
  readonly line?: number;
  readonly column?: number;
  /** The name that was probably meant. */
  readonly suggestion?: string;
};

/** Where a node of a condition was written: an offset into the text, or the keys that lead to it in JSON. */
export type Place = { readonly offset: number } | { readonly path: readonly (string | number)[] };

/** Thrown while a condition or a template is read; never leaves `src/core/rules`. */
export class WrittenWrong extends Error {
  readonly place: Place;
  readonly suggestion: string | undefined;

  constructor(place: Place, message: string, suggestion?: string) {
    super(message);
    this.place = place;
    this.suggestion = suggestion;
  }
}

/** @param text the text the offsets are of; absent for JSON. */
export function placedProblem(
  {
    place,
    message,
    suggestion,
  }: { readonly place: Place; readonly message: string; readonly suggestion?: string | undefined },
  path: readonly (string | number)[],
  text?: string,
): RuleProblem {
  const named = suggestion === undefined ? {} : { suggestion };
  if ("path" in place) return { path: [...path, ...place.path], message, ...named };
  const before = (text ?? "").slice(0, place.offset).split("\n");
  return { path, message, line: before.length, column: [...(before.at(-1) ?? "")].length + 1, ...named };
}

/** The message about a name nobody knows, and the one that was meant. */
export function unknownName(
  what: string,
  name: string,
  known: Iterable<string>,
): { readonly message: string; readonly suggestion?: string } {
  const names = [...known];
  const suggestion = nearestName(name, names) ?? names.find((each) => each.toLowerCase() === name.toLowerCase());
  const shown = name.length > 60 ? `${name.slice(0, 60)}…` : name;
  if (suggestion !== undefined) {
    return {
      message: `unknown ${what} ${JSON.stringify(shown)}; did you mean ${JSON.stringify(suggestion)}?`,
      suggestion,
    };
  }
  const list = names.length > 0 && names.length <= 12 ? `; there is ${names.join(", ")}` : "";
  return { message: `unknown ${what} ${JSON.stringify(shown)}${list}` };
}
