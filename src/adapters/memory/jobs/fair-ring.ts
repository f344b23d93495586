/**
 * Whose turn it is, by start-time fair queueing (Goyal, Vin, Cheng 1996): each org has a tag, its next turn in virtual time;
 * the smallest is served and its tag grows by what it was given. Who comes anew starts at the present, so that having
 * been idle earns nothing; who comes back goes on from where it was, so that leaving earns nothing either.
 */
export type FairRing = {
  /** An org that has work now; does nothing for one that had. */
  enter(org: string): void;
  /** The org to serve next; undefined where none has work. */
  next(): string | undefined;
  /** What the org was given, in jobs, and whether it has more. */
  served(org: string, jobs: number, more: boolean): void;
  leave(org: string): void;
  readonly size: number;
};

export function createFairRing(): FairRing {
  const tags = new Map<string, number>();
  /** Tags of orgs without work, as long as they lie ahead of the present. */
  const idle = new Map<string, number>();
  let present = 0;

  const smallest = (): string | undefined => {
    let [best, least] = [undefined as string | undefined, Number.POSITIVE_INFINITY];
    for (const [org, tag] of tags) if (tag < least) [best, least] = [org, tag];
    return best;
  };
  const leave = (org: string): void => {
    const tag = tags.get(org);
    if (tag !== undefined && tag > present) idle.set(org, tag);
    tags.delete(org);
  };
  return {
    enter(org) {
      if (tags.has(org)) return;
      tags.set(org, Math.max(present, idle.get(org) ?? 0));
      idle.delete(org);
    },
    next: smallest,
    served(org, jobs, more) {
      const tag = tags.get(org) ?? present;
      present = Math.max(present, tag);
      tags.set(org, tag + jobs);
      if (!more) leave(org);
      for (const [other, ahead] of idle) if (ahead <= present) idle.delete(other);
    },
    leave,
    get size() {
      return tags.size;
    },
  };
}
