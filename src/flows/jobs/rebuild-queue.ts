/** The queue made anew from the ledger: after Redis was lost, or its data is older than it should be. */
import type { JobQueue } from "../../ports/job-queue.ts";
import type { Ledger } from "../../ports/ledger.ts";

const PAGE = 500;

/**
 * Nothing is lost: every open delivery of the ledger is in the queue afterwards, due when it was due. Nothing that ended is
 * done twice: the ledger is asked before each attempt. Runners may go on meanwhile, and go on with what they are at; such an
 * attempt may be made again by another runner, or if its lease was to be extended just then, under the same idempotency key.
 *
 * @returns how many jobs were put into the queue
 */
export async function rebuildQueue(
  { ledger, queue }: { readonly ledger: Ledger; readonly queue: JobQueue },
  { clear }: { readonly clear: boolean },
): Promise<number> {
  if (clear) await queue.clear();
  let count = 0;
  for (let after = ""; ; ) {
    const page = await ledger.openJobs({ after, limit: PAGE });
    if (page.jobs.length === 0) return count;
    count += (await queue.enqueue(page.jobs)).length;
    after = page.after;
  }
}
