/** Who has which name. A later claim of a name that is taken gets the next of its candidates, by the same rule every time. */

export type NameScope = {
  /**
   * Takes the first candidate that is free together with all names derived from it, or the first one with a number.
   *
   * @param candidates in order of preference, at least one.
   * @param derived names that come into being with a name: `FilmWhere` with `Film`.
   * @param what for the note when it is not the first candidate: `table public.film`; left out, there is no note.
   */
  readonly claim: (
    candidates: readonly string[],
    what?: string,
    derived?: (name: string) => readonly string[],
  ) => string;
};

/** @param notes receives a line for each claim that did not get its first candidate. */
export function nameScope(taken: Iterable<string>, notes: string[] = []): NameScope {
  const names = new Set(taken);
  const none = (): readonly string[] => [];
  return {
    claim: (candidates, what, derived = none) => {
      const [first = "_"] = candidates;
      const isFree = (name: string): boolean => ![name, ...derived(name)].some((each) => names.has(each));
      let name = candidates.find(isFree);
      for (let number = 2; name === undefined; number += 1) {
        const numbered = `${first}${number}`;
        if (isFree(numbered)) name = numbered;
      }
      for (const each of [name, ...derived(name)]) names.add(each);
      if (name !== first && what !== undefined) notes.push(`${what} is called ${name}, because ${first} is taken.`);
      return name;
    },
  };
}
