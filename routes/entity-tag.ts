/**
 * Whether an `If-None-Match` names a tag; a cache on the way may have made it a weak one.
 * https://www.rfc-editor.org/rfc/rfc9110#section-13.1.2
 */
export function matches(ifNoneMatch: string, tag: string): boolean {
  if (ifNoneMatch.trim() === "*") return true;
  return ifNoneMatch.split(",").some((known) => known.trim().replace(/^W\//, "") === tag);
}
