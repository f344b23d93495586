/** What ended long ago is forgotten, by one process at a time. */
import type { Ledger } from "../../ports/ledger.ts";
import { type LeaseParts, underLease } from "../under-lease.ts";

export type PruneOptions = {
  readonly holder: string;
  /** How long decisions and ended deliveries are kept. */
  readonly retentionMs: number;
  readonly signal: AbortSignal;
};

const LEASE_MS = 30_000;
/** Rows of one statement: it holds up nobody for long. */
const PAGE = 1_000;
const PAUSE_MS = 60_000;

/** Runs until the signal. */
export function pruneLedger(
  parts: LeaseParts & { readonly ledger: Pick<Ledger, "prune"> },
  { holder, retentionMs, signal }: PruneOptions,
): Promise<void> {
  const { ledger, wait } = parts;
  return underLease(parts, { name: "prune", holder, milliseconds: LEASE_MS, signal }, async (_, over) => {
    while (!over.aborted) {
      const count = await ledger.prune(wait.now() - retentionMs, PAGE);
      if (count < PAGE) await wait.wait(PAUSE_MS, over);
    }
  });
}
