import type { JobQueue } from "../../src/ports/job-queue.ts";
import { fraiseqlJob } from "./fraiseql.ts";

const [BACKLOG, SMALL_ORGS, JOBS_EACH] = [50_000, 10, 20];

/** How many claims of one job it takes until all late jobs of small orgs are running, behind the backlog of a large one. */
export async function lateClaims(queue: JobQueue): Promise<{ readonly claims: number; readonly ideal: number }> {
  await queue.clear();
  for (let from = 0; from < BACKLOG; from += 1_000) {
    await queue.enqueue(Array.from({ length: 1_000 }, (_, n) => fraiseqlJob(`large-${from + n}`, "large")));
  }
  for (let n = 0; n < 100; n += 1) await queue.claim({ count: 10, leaseMs: 600_000 });
  for (let org = 0; org < SMALL_ORGS; org += 1) {
    await queue.enqueue(Array.from({ length: JOBS_EACH }, (_, n) => fraiseqlJob(`small-${org}-${n}`, `small-${org}`)));
  }
  let [claims, small] = [0, 0];
  while (small < SMALL_ORGS * JOBS_EACH) {
    const claimed = await queue.claim({ count: 1, leaseMs: 600_000 });
    claims += 1;
    small += claimed.filter(({ job }) => job.org !== "large").length;
  }
  await queue.clear();
  // Turn by turn, with the large one among them.
  return { claims, ideal: (SMALL_ORGS + 1) * JOBS_EACH };
}
