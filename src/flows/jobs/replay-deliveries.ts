/** Dead letters are delivered again. */
import { roundOf } from "../../core/jobs/job-id.ts";
import type { JobQueue } from "../../ports/job-queue.ts";
import type { DeliveryFilter, Ledger } from "../../ports/ledger.ts";

/**
 * What dies between ledger and queue is open in the ledger: a rebuild of the queue finds it.
 *
 * @returns the ids of the deliveries that are open again
 */
export async function replayDeliveries(
  { ledger, queue }: { readonly ledger: Ledger; readonly queue: JobQueue },
  filter: DeliveryFilter,
  limit: number,
): Promise<readonly string[]> {
  const jobs = await ledger.replay(filter, limit);
  if (jobs.length > 0) await queue.enqueue(jobs);
  return jobs.map(({ id }) => roundOf(id).delivery);
}

/** Gives up deliveries: the ledger knows first, so that a worker that has one already finds it ended. */
export async function cancelDeliveries(
  { ledger, queue }: { readonly ledger: Ledger; readonly queue: JobQueue },
  filter: DeliveryFilter,
  limit: number,
): Promise<readonly string[]> {
  const ids = await ledger.cancel(filter, limit);
  for (const id of ids) await queue.cancel(id);
  return ids.map((id) => roundOf(id).delivery);
}
