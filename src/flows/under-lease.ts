/** Work that one process at a time may do: done while the lease is held, taken up again when it comes back. */
import type { Observe } from "../core/observation.ts";
import type { Lease, Leases } from "../ports/leases.ts";
import type { Wait } from "../ports/wait.ts";

export type LeaseParts = { readonly leases: Leases; readonly wait: Wait; readonly observe: Observe };

export type LeaseOptions = {
  readonly name: string;
  /** Who asks: unlike any other process. */
  readonly holder: string;
  readonly milliseconds: number;
  /** Ends it all. The work is waited for, and the lease given back. */
  readonly signal: AbortSignal;
  /** Whether this process should have the lease at all; asked before it is taken and at each renewal. */
  readonly wanted?: () => boolean;
};

/**
 * The signal of `work` is aborted before the lease can be another's: a renewal is due at a third of its time, and without
 * one the work ends at two thirds. Work that throws is begun anew, after a pause.
 */
export async function underLease(
  parts: LeaseParts,
  options: LeaseOptions,
  work: (lease: Lease, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const { leases, wait, observe } = parts;
  const { name, holder, milliseconds, signal, wanted = () => true } = options;
  const failed = (error: unknown) => observe({ kind: "part-failed", part: name, error });
  while (!signal.aborted) {
    const askedAt = wait.now();
    const lease = wanted() ? await leases.take(name, holder, milliseconds).catch(failed) : undefined;
    if (lease) {
      // An answer that took so long that the lease may be over soon begins nothing.
      if (wait.now() < askedAt + milliseconds / 3) {
        observe({ kind: "lease-taken", lease: name, fence: lease.fence });
        await whileHeld(parts, { ...options, wanted }, lease, askedAt, work).catch(failed);
      }
      await leases.release(lease).catch(failed);
    }
    // Who was just ended by a fault, or has to wait for another, comes back at his own time.
    if (!signal.aborted) await wait.wait(milliseconds / 3 + wait.random() * 100, signal);
  }
}

async function whileHeld(
  { leases, wait, observe }: LeaseParts,
  { name, milliseconds, signal, wanted }: LeaseOptions & { readonly wanted: () => boolean },
  lease: Lease,
  askedAt: number,
  work: (lease: Lease, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const over = new AbortController();
  const stop = () => over.abort();
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  const third = milliseconds / 3;
  let endsAt = askedAt + 2 * third;
  let renewAt = askedAt + third;
  const renewing = async () => {
    while (!over.signal.aborted) {
      await wait.wait(renewAt - wait.now(), over.signal);
      if (over.signal.aborted) return;
      const renewedAt = wait.now();
      const held = await Promise.race([
        leases.renew(lease, milliseconds).catch(() => undefined),
        wait.wait(endsAt - renewedAt, over.signal),
      ]);
      if (over.signal.aborted) return;
      if (held === true) endsAt = renewedAt + 2 * third;
      // A renewal that failed is tried again at once, while there is time.
      renewAt = held === true ? renewedAt + third : Math.min(wait.now() + third / 10, endsAt);
      if (held === false || wait.now() >= endsAt) {
        observe({ kind: "lease-lost", lease: name, fence: lease.fence });
        return stop();
      }
      if (!wanted()) return stop();
    }
  };
  const renewals = renewing();
  try {
    await work(lease, over.signal);
  } finally {
    stop();
    signal.removeEventListener("abort", stop);
    await renewals;
  }
}
