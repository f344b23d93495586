/** What a client is told of a field `Type.field` that was declared non-null and holds a null. */
export function nullViolationMessage(coordinate: string): string {
  return `${coordinate} is declared non-null, but the database holds a null there.`;
}
