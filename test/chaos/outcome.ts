export type Outcome = {
  readonly acknowledged: number;
  readonly lost: number;
  readonly duplicated: number;
  /** Undefined where no order is promised: jobs of one row are run beside each other. */
  readonly inverted?: number;
  readonly recoveryMsMax: number;
  /** So many deliveries may come twice: those under way at a fault, or whose answer was lost. */
  readonly duplicatesPromised?: number;
  /** What else was promised and did not hold, in words. */
  readonly broken: readonly string[];
  /** Why nothing was done at all, in words. */
  readonly notDone?: string;
  /** How often each fault came about. */
  readonly happened: Readonly<Record<string, number>>;
};

/** Of a row that cannot be had here: its faults did not come about, so its bar for them fails. */
export function nothingDone(why: string): Outcome {
  return { acknowledged: 0, lost: 0, duplicated: 0, recoveryMsMax: 0, broken: [], happened: {}, notDone: why };
}
