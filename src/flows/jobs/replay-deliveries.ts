/** Dead letters are delivered again, and deliveries given up: any number of them, so many at a time. */
import { FraiseqlError } from "../../core/errors.ts";
import type { Job } from "../../core/jobs/job.ts";
import { roundOf } from "../../core/jobs/job-id.ts";
import type { JobQueue } from "../../ports/job-queue.ts";
import type { DeliveryFilter, Ledger } from "../../ports/ledger.ts";

type Parts = {
  readonly ledger: Pick<Ledger, "replay" | "cancel">;
  readonly queue: Pick<JobQueue, "enqueue" | "cancel">;
};

/** Rows of one statement, and jobs of one call of the queue. */
const PAGE = 1_000;

/**
 * Each is opened once, the oldest first, also where it fails again meanwhile. What dies between ledger and queue is open in the
 * ledger: a rebuild of the queue finds it.
 *
 * @returns the ids of the deliveries that are open again
 * @throws FraiseqlError QUEUE_UNAVAILABLE, which says of how many that is true
 */
export async function replayDeliveries(
  { ledger, queue }: Parts,
  filter: DeliveryFilter,
  limit: number,
): Promise<readonly string[]> {
  const replayed: string[] = [];
  for (let size = PAGE; size === PAGE && replayed.length < limit; ) {
    const after = replayed.at(-1);
    const wanted = Math.min(PAGE, limit - replayed.length);
    const jobs = await ledger.replay(filter, { limit: wanted, ...(after === undefined ? {} : { after }) });
    if (jobs.length > 0) await enqueue(queue, jobs);
    replayed.push(...jobs.map(({ id }) => roundOf(id).delivery));
    size = jobs.length;
  }
  return replayed;
}

/** Asked for once more, dead letters that are open already are not found: who asks has to know what is left to do. */
async function enqueue(queue: Parts["queue"], jobs: readonly Job[]): Promise<void> {
  try {
    await queue.enqueue(jobs);
  } catch (cause) {
    if (!(cause instanceof FraiseqlError)) throw cause;
    const left = `To be replayed, and not in the queue yet: ${jobs.length}. \`fraiseql queue rebuild\` puts them there.`;
    throw new FraiseqlError(cause.code, `${cause.message} ${left}`, { cause });
  }
}

/**
 * Gives up deliveries: the ledger knows first, so that a worker that has one already finds it ended.
 *
 * @returns their ids
 */
export async function cancelDeliveries(
  { ledger, queue }: Parts,
  filter: DeliveryFilter,
  limit: number,
): Promise<readonly string[]> {
  const cancelled: string[] = [];
  for (let size = PAGE; size === PAGE && cancelled.length < limit; ) {
    const ids = await ledger.cancel(filter, Math.min(PAGE, limit - cancelled.length));
    for (const id of ids) await queue.cancel(id);
    cancelled.push(...ids.map((id) => roundOf(id).delivery));
    size = ids.length;
  }
  return cancelled;
}
