/** Which messages one reader has in its hands: until they are ended, or their time is over and they are given again. */
export type InFlight = {
  /** How many more may be given out at this time. */
  free(now: number): number;
  give(sequence: number, until: number): void;
  end(sequence: number): void;
};

export function createInFlight(inFlightMax: number): InFlight {
  const until = new Map<number, number>();
  return {
    free: (now) => {
      for (const [sequence, end] of until) if (end <= now) until.delete(sequence);
      return inFlightMax - until.size;
    },
    give: (sequence, end) => void until.set(sequence, end),
    end: (sequence) => void until.delete(sequence),
  };
}
