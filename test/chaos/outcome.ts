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
  /** How often each fault came about. */
  readonly happened: Readonly<Record<string, number>>;
};
