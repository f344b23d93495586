/** What really happened, by name: a fault that was asked for and did not come about proves nothing. */
export type Happenings = {
  happened(what: string, times?: number): void;
  readonly counts: Readonly<Record<string, number>>;
};

export function happenings(): Happenings {
  const counts: Record<string, number> = {};
  return {
    counts,
    happened: (what, times = 1) => {
      counts[what] = (counts[what] ?? 0) + times;
    },
  };
}
