/**
 * For "did you mean": the name that is fewest edits away, if it is near enough to be a slip of the fingers.
 *
 * @example nearestName("flim", ["film", "actor"]) // "film"
 */
export function nearestName(name: string, names: readonly string[]): string | undefined {
  const ranked = names.map((other) => ({ other, edits: editDistance(name, other) }));
  const best = ranked.toSorted((a, b) => a.edits - b.edits)[0];
  return best !== undefined && best.edits <= Math.max(1, Math.floor(name.length / 3)) ? best.other : undefined;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j += 1) {
      const replaced = (row[j] ?? 0) + (letter === b[j] ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
