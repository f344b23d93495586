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

/** Letters put in, left out or replaced, and neighbours that changed places, each as one edit. */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 0; i < a.length; i += 1) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j += 1) {
      const replaced = (row[j] ?? 0) + (a[i] === b[j] ? 0 : 1);
      const swapped = i > 0 && j > 0 && a[i] === b[j - 1] && a[i - 1] === b[j];
      const edits = Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1);
      next.push(swapped ? Math.min(edits, (before[j - 1] ?? 0) + 1) : edits);
    }
    before = row;
    row = next;
  }
  return row[b.length] ?? 0;
}
