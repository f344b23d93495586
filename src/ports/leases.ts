/** Who does what only one may do at a time. Kept in PostgreSQL, by its clock. */

export type Lease = {
  readonly name: string;
  readonly holder: string;
  /** Grows each time the lease changes hands: writes of an earlier holder are told by it. */
  readonly fence: number;
};

export interface Leases {
  /** The lease, if it is free, over, or already this holder's; undefined if another has it. */
  take(name: string, holder: string, milliseconds: number): Promise<Lease | undefined>;
  /** Whether it is still held, now for that long from now. */
  renew(lease: Lease, milliseconds: number): Promise<boolean>;
  release(lease: Lease): Promise<void>;
  /** How many leases whose name begins so are held now. */
  count(prefix: string): Promise<number>;
}
