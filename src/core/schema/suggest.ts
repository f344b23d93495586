/** The end of a message about a name nobody knows. */
import { nearestName } from "../nearest-name.ts";

const LISTED_NAMES_MAX = 12;

/** `; did you mean "title"?`, or a short list of what there is, or nothing where the list would be long. */
export function suggestion(wrong: string, known: Iterable<string>): string {
  const names = [...known];
  const nearest = nearestName(wrong, names) ?? names.find((name) => name.toLowerCase() === wrong.toLowerCase());
  if (nearest !== undefined) return `; did you mean ${JSON.stringify(nearest)}?`;
  if (names.length === 0 || names.length > LISTED_NAMES_MAX) return "";
  return `; there is ${names.map((name) => JSON.stringify(name)).join(", ")}`;
}
